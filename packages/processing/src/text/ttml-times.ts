/** Times of TTML: `00:00:01.5`, `01:00:10:12`, `3.2s`, `48f`, `9000t`. */

export type TimeScale = {
  framesPerSecond: number;
  /** The number of values in the frames field. */
  perSecond: number;
  ticksPerSecond: number;
  /** A timecode counts frames, so that at 23.976 its seconds are longer. */
  isTimecode: boolean;
  /** Frame numbers that drop-frame timecode skips each minute, except each tenth. */
  dropped: number;
};

type Attributes = ReadonlyMap<string, string>;

export function timeScaleOf(root: Attributes): TimeScale {
  const perSecond = wholeOf(root.get('frameRate')) ?? 30;
  const [, over = '1', under = '1'] =
    /^\s*([1-9]\d{0,5})[\s:]([1-9]\d{0,5})\s*$/.exec(root.get('frameRateMultiplier') ?? '') ?? [];
  const framesPerSecond = (perSecond * Number(over)) / Number(under);
  const isTimecode = root.get('timeBase')?.trim() === 'smpte';
  const isDrop = isTimecode && root.get('dropMode')?.trim() === 'dropNTSC';
  const subFrames = wholeOf(root.get('subFrameRate')) ?? 1;
  const ticksPerSecond =
    wholeOf(root.get('tickRate')) ?? (root.has('frameRate') ? framesPerSecond * subFrames : 1);
  return { framesPerSecond, perSecond, ticksPerSecond, isTimecode, dropped: isDrop ? perSecond / 15 : 0 };
}

function wholeOf(text: string | undefined): number | null {
  const match = /^\s*([1-9]\d{0,8})\s*$/.exec(text ?? '');
  return match && Number(match[1]);
}

const clock = /^(\d{2,4}):(\d\d):(\d\d)(?:(\.\d{1,9})|[:;](\d{2,3})(?:\.\d{1,3})?)?$/;
const offset = /^(\d{1,12}(?:\.\d{1,9})?)(h|m|s|ms|f|t)$/;

/** Returns the time in milliseconds; null for anything else. */
export function readTime(text: string, scale: TimeScale): number | null {
  const written = text.trim();
  const [, number, unit] = offset.exec(written) ?? [];
  if (number !== undefined) return Number(number) * millisecondsIn(unit!, scale);
  const match = clock.exec(written);
  if (!match) return null;
  const [hours, minutes, seconds] = [Number(match[1]), Number(match[2]), Number(match[3])];
  const frames = Number(match[5] ?? 0);
  if (minutes > 59 || seconds > 59 || frames >= scale.perSecond) return null;
  const whole = (hours * 60 + minutes) * 60 + seconds;
  if (!scale.isTimecode) {
    return (whole + Number(match[4] ?? 0)) * 1000 + (frames / scale.framesPerSecond) * 1000;
  }
  const minute = hours * 60 + minutes;
  const left = scale.dropped * (minute - Math.floor(minute / 10));
  return ((whole * scale.perSecond + frames - left) / scale.framesPerSecond) * 1000;
}

function millisecondsIn(unit: string, { framesPerSecond, ticksPerSecond }: TimeScale): number {
  switch (unit) {
    case 'h':
      return 3_600_000;
    case 'm':
      return 60_000;
    case 's':
      return 1000;
    case 'f':
      return 1000 / framesPerSecond;
    case 't':
      return 1000 / ticksPerSecond;
    default:
      return 1;
  }
}
