/** Names sets of primaries and white that a file states as coordinates. */

const white = { d65: [0.3127, 0.329], aces: [0.32168, 0.33767], dci: [0.314, 0.351] } as const;

/** Coordinates of red, green and blue, then white; names as in MediaInfo. */
const named: [string, readonly number[]][] = [
  ['BT.709', [0.64, 0.33, 0.3, 0.6, 0.15, 0.06, ...white.d65]],
  ['BT.2020', [0.708, 0.292, 0.17, 0.797, 0.131, 0.046, ...white.d65]],
  ['Display P3', [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, ...white.d65]],
  ['DCI P3', [0.68, 0.32, 0.265, 0.69, 0.15, 0.06, ...white.dci]],
  ['ACES AP0', [0.7347, 0.2653, 0, 1, 0.0001, -0.077, ...white.aces]],
  ['ACES AP1', [0.713, 0.293, 0.165, 0.83, 0.128, 0.044, ...white.aces]],
];
const tolerance = 0.0015;

/** Returns the name of the primaries in eight 32-bit floats; undefined when they are no coordinates. */
export function primariesOf(value: Buffer): string | undefined {
  if (value.length !== 32) return undefined;
  const found = Array.from({ length: 8 }, (_, index) => value.readFloatLE(index * 4));
  if (!found.every((each) => Number.isFinite(each) && Math.abs(each) <= 2)) return undefined;
  const match = named.find(([, wanted]) =>
    wanted.every((each, index) => Math.abs(each - found[index]!) <= tolerance),
  );
  if (match) return match[0];
  const [rx, ry, gx, gy, bx, by, wx, wy] = found.map((each) => each.toFixed(4));
  return `R ${rx} ${ry}, G ${gx} ${gy}, B ${bx} ${by}, W ${wx} ${wy}`;
}
