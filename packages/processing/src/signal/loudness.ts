/** Loudness by ITU-R BS.1770-4 and EBU R 128: integrated, range (EBU Tech 3342), and the maxima of both windows. */

export type Loudness = {
  /** Integrated loudness in LUFS; null when nothing is above the gate of -70 LUFS. */
  integrated: number | null;
  /** Loudness range in LU; null for sound shorter than 3 s. */
  range: number | null;
  maxMomentary: number | null;
  maxShortTerm: number | null;
};

export type LoudnessMeter = {
  feed(channels: readonly Float64Array[], frames: number): void;
  result(): Loudness;
};

/** Coefficients of a second-order filter: b0, b1, b2, a1, a2. */
type Filter = readonly [number, number, number, number, number];

const absoluteGate = -70;
const momentaryBlocks = 4;
const shortTermBlocks = 30;

/** `layout`: the position of each channel, as in a report; undefined when the file does not state it. */
export function loudnessMeter(
  { channels: channelCount, layout }: { channels: number; layout?: string | undefined },
  sampleRate: number,
): LoudnessMeter {
  const weights = weightsOf(layout?.split(' ') ?? usualPositions(channelCount));
  const [shelf, highPass] = [shelfFilter(sampleRate), highPassFilter(sampleRate)];
  const states = weights.map(() => new Float64Array(4));
  const sums = new Float64Array(channelCount);
  const blockFrames = Math.max(1, Math.round(sampleRate / 10));
  /** The weighted mean square of each tenth of a second. */
  const blocks: number[] = [];
  let inBlock = 0;

  function endBlock(): void {
    blocks.push(weights.reduce((sum, weight, channel) => sum + (weight * sums[channel]!) / blockFrames, 0));
    sums.fill(0);
    inBlock = 0;
  }

  return {
    feed(channels, frames) {
      for (let from = 0; from < frames;) {
        const to = Math.min(frames, from + blockFrames - inBlock);
        weights.forEach((weight, channel) => {
          if (weight === 0) return;
          sums[channel]! += weighedPower(channels[channel]!, from, to, states[channel]!, shelf, highPass);
        });
        inBlock += to - from;
        from = to;
        if (inBlock === blockFrames) endBlock();
      }
    },
    result() {
      const momentary = slidingMeans(blocks, momentaryBlocks);
      const shortTerm = slidingMeans(blocks, shortTermBlocks);
      return {
        integrated: integratedOf(momentary),
        range: rangeOf(shortTerm),
        maxMomentary: maxLevel(momentary),
        maxShortTerm: maxLevel(shortTerm),
      };
    },
  };
}

/** Returns the sum of squares after both filters. Keeps the state of the filters between calls. */
function weighedPower(
  samples: Float64Array,
  from: number,
  to: number,
  state: Float64Array,
  shelf: Filter,
  highPass: Filter,
): number {
  const [b0, b1, b2, a1, a2] = shelf;
  const [c0, c1, c2, d1, d2] = highPass;
  let [s0, s1, s2, s3] = [state[0]!, state[1]!, state[2]!, state[3]!];
  let sum = 0;
  for (let at = from; at < to; at += 1) {
    const input = samples[at]!;
    const shelved = b0 * input + s0;
    s0 = b1 * input - a1 * shelved + s1;
    s1 = b2 * input - a2 * shelved;
    const output = c0 * shelved + s2;
    s2 = c1 * shelved - d1 * output + s3;
    s3 = c2 * shelved - d2 * output;
    sum += output * output;
  }
  state[0] = s0;
  state[1] = s1;
  state[2] = s2;
  state[3] = s3;
  return sum;
}

/** As ffmpeg weighs them. BS.1770 counts channels behind the side walls once; meters differ in that. */
const surrounds = new Set(['Ls', 'Rs', 'Lb', 'Rb', 'Cb', 'Tbl', 'Tbc', 'Tbr']);

/** The LFE does not count, and surrounds count 1.5 dB more. */
function weightsOf(positions: readonly string[]): number[] {
  return positions.map((position) => {
    if (position === 'LFE') return 0;
    return surrounds.has(position) ? 1.41 : 1;
  });
}

/** The positions in a file that states none: the order of WAVE, as far as everybody means the same by a number of channels. */
function usualPositions(channels: number): string[] {
  const usual: Record<number, string> = {
    5: 'L R C Ls Rs',
    6: 'L R C LFE Ls Rs',
    8: 'L R C LFE Lb Rb Ls Rs',
  };
  return usual[channels]?.split(' ') ?? Array.from({ length: channels }, () => 'unknown');
}

/** The shelf filter of BS.1770 for the effect of the head, for any sample rate (parameters as in libebur128). */
function shelfFilter(sampleRate: number): Filter {
  const k = Math.tan((Math.PI * 1681.974450955533) / sampleRate);
  const q = 0.7071752369554196;
  const high = 10 ** (3.999843853973347 / 20);
  const band = high ** 0.4996667741545416;
  const a0 = 1 + k / q + k * k;
  return [
    (high + (band * k) / q + k * k) / a0,
    (2 * (k * k - high)) / a0,
    (high - (band * k) / q + k * k) / a0,
    (2 * (k * k - 1)) / a0,
    (1 - k / q + k * k) / a0,
  ];
}

function highPassFilter(sampleRate: number): Filter {
  const k = Math.tan((Math.PI * 38.13547087602444) / sampleRate);
  const q = 0.5003270373238773;
  const a0 = 1 + k / q + k * k;
  return [1, -2, 1, (2 * (k * k - 1)) / a0, (1 - k / q + k * k) / a0];
}

function levelOf(power: number): number {
  return -0.691 + 10 * Math.log10(power);
}

function slidingMeans(blocks: readonly number[], width: number): number[] {
  const means: number[] = [];
  for (let from = 0; from + width <= blocks.length; from += 1) {
    let sum = 0;
    for (let at = from; at < from + width; at += 1) sum += blocks[at]!;
    means.push(sum / width);
  }
  return means;
}

function integratedOf(momentary: readonly number[]): number | null {
  const audible = momentary.filter((power) => levelOf(power) >= absoluteGate);
  if (audible.length === 0) return null;
  const gate = levelOf(mean(audible)) - 10;
  return levelOf(mean(audible.filter((power) => levelOf(power) >= gate)));
}

/** Loudness range: from the 10th to the 95th percentile of the blocks above the gate. */
function rangeOf(shortTerm: readonly number[]): number | null {
  const audible = shortTerm.filter((power) => levelOf(power) >= absoluteGate);
  if (audible.length === 0) return null;
  const gate = levelOf(mean(audible)) - 20;
  const levels = audible
    .map(levelOf)
    .filter((level) => level >= gate)
    .sort((a, b) => a - b);
  const at = (share: number) => levels[Math.round((levels.length - 1) * share)]!;
  return at(0.95) - at(0.1);
}

function maxLevel(powers: readonly number[]): number | null {
  const most = powers.reduce((max, power) => Math.max(max, power), 0);
  return most > 0 ? levelOf(most) : null;
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}
