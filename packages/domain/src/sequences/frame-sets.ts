/** Finds the sequences among the names of a folder. A Workspace, which adds file by file, finds the same ones. */
import { nameKey } from '../names/names.ts';
import { isSequence } from './frame-evidence.ts';
import { inFrameOrder, nameOf, parseFrameName, patternOf, type FrameName } from './frame-names.ts';
import { summarize, type FrameSummary } from './frame-ranges.ts';

export type FrameSequence = FrameSummary & {
  /** Pattern with the padding of the lowest frame: `shot.####.exr`. */
  pattern: string;
  files: number;
  sizeBytes: number;
  /** The first groups of names that stand for the same frame, with different padding or case. */
  duplicates: string[][];
};

const maxListed = 50;

type SizedFrame = FrameName & { sizeBytes: number };

/** Collects the names of one folder with `add`; `end` then groups them. */
export class FrameSets {
  /** Keyed by prefix and extension as written, so that `keyOf` runs once for each of these and not for each name. */
  #written = new Map<string, SizedFrame[]>();

  /** Returns false when the name cannot be a frame, whatever other names follow. */
  add(name: string, sizeBytes = 0): boolean {
    const parsed = parseFrameName(name);
    if (!parsed) return false;
    const frame: SizedFrame = { ...parsed, sizeBytes };
    const key = `${frame.prefix}#${frame.suffix}`;
    const known = this.#written.get(key);
    if (known) known.push(frame);
    else this.#written.set(key, [frame]);
    return true;
  }

  /** `alone`: candidates that form no sequence; `doubled`: groups of those that would be the same frame. */
  end(): { sequences: FrameSequence[]; alone: string[]; doubled: string[][] } {
    const groups = new Map<string, SizedFrame[]>();
    for (const [written, frames] of this.#written) {
      const key = keyOf(written);
      const known = groups.get(key);
      if (known) for (const frame of frames) known.push(frame);
      else groups.set(key, frames);
    }
    const sequences: FrameSequence[] = [];
    const alone: string[] = [];
    const doubled: string[][] = [];
    for (const frames of groups.values()) {
      if (frames.length === 1) alone.push(nameOf(frames[0]!));
      else if (isSequence(frames)) sequences.push(sequenceOf(frames));
      else {
        doubled.push(...inOrder(frames).duplicates);
        for (const frame of frames) alone.push(nameOf(frame));
      }
    }
    return { sequences, alone, doubled };
  }
}

/**
 * Returns the `nameKey`, with a fast path: for ASCII it equals lower case, and there can be as many prefixes as names.
 */
function keyOf(written: string): string {
  // eslint-disable-next-line no-control-regex
  return /^[\u0000-\u007f]*$/.test(written) ? written.toLowerCase() : nameKey(written);
}

export function groupFrames(names: Iterable<string>): { sequences: FrameSequence[]; others: string[] } {
  const sets = new FrameSets();
  const others: string[] = [];
  for (const name of names) if (!sets.add(name)) others.push(name);
  const { sequences, alone } = sets.end();
  return { sequences, others: [...others, ...alone] };
}

function sequenceOf(frames: SizedFrame[]): FrameSequence {
  const { numbers, duplicates } = inOrder(frames);
  const sizeBytes = frames.reduce((sum, each) => sum + each.sizeBytes, 0);
  const pattern = patternOf(frames[0]!);
  return { ...summarize(numbers, maxListed), pattern, files: frames.length, sizeBytes, duplicates };
}

/** Sorts the frames in place, and returns their different numbers and the names that share one. */
function inOrder(frames: FrameName[]): { numbers: number[]; duplicates: string[][] } {
  const numbers: number[] = [];
  const duplicates: string[][] = [];
  let kept: FrameName | undefined;
  let group: string[] = [];
  for (const frame of inFrameOrder(frames)) {
    if (kept?.frame !== frame.frame) {
      numbers.push(frame.frame);
      kept = frame;
      group = [];
      continue;
    }
    if (group.length === 0) {
      group.push(nameOf(kept));
      if (duplicates.length < maxListed) duplicates.push(group);
    }
    group.push(nameOf(frame));
  }
  return { numbers, duplicates };
}
