/** Recognises sound that is delivered as one file per channel: `mix.L.wav`, `mix.R.wav`, `mix.C.wav` and so on. */

const channels = ['L', 'R', 'C', 'LFE', 'Ls', 'Rs'] as const;
type Channel = (typeof channels)[number];
const stereo: readonly Channel[] = ['L', 'R'];

/** A channel name between separators before the extension, or before a version: `mix_LFE_v04.wav`. */
const written = /^(.*[._-])([a-z]{1,3})((?:[._-]v\d+)?\.[a-z0-9]+)$/i;

type Stem = { set: string; channel: Channel | null };

/**
 * Splits a name at its channel; the names of a set are equal except there. The channel is null when the letters name
 * none, such as the `B` of a cue.
 */
function stemOf(path: string): Stem | null {
  const [, before, letters, after] = written.exec(path) ?? [];
  if (before === undefined) return null;
  const channel = channels.find((each) => each.toLowerCase() === letters!.toLowerCase()) ?? null;
  return { set: `${before}#${after}`.toLowerCase(), channel };
}

/** Returns true when the name contains a channel. */
export function isStemName(name: string): boolean {
  return (stemOf(name)?.channel ?? null) !== null;
}

export type ChannelSet = { present: Channel[]; wanted: readonly Channel[]; isFirst: boolean };

/**
 * Returns the set that the file belongs to; null when nothing suggests a set: a single file whose name states no number
 * of channels, or letters that number cues.
 */
export function channelSetOf(path: string, siblings: readonly string[]): ChannelSet | null {
  const own = stemOf(path);
  if (own?.channel == null) return null;
  const found = siblings.flatMap((each) => stemOf(each) ?? []).filter(({ set }) => set === own.set);
  if (found.some(({ channel }) => channel === null)) return null;
  const has = new Set([own.channel, ...found.map(({ channel }) => channel)]);
  const present = channels.filter((channel) => has.has(channel));
  const stated = /[._-]([26])ch[._-]/i.exec(path)?.[1];
  if (present.length === 1 && stated === undefined) return null;
  const isSurround = stated === '6' || present.some((channel) => !stereo.includes(channel));
  return { present, wanted: isSurround ? channels : stereo, isFirst: present[0] === own.channel };
}
