/** Rounds compared: what came, what went, what changed under its name, and what only changed its name. */
import { z } from 'zod';
import { personView } from '../people/accounts.ts';
import { mediaKinds, type MediaKind } from '../media/media-kinds.ts';
import { nameKey } from '../names/names.ts';
import { requestIdInput } from './requests.ts';
import { isStarterReason, type ReasonCode } from './reasons.ts';

export const roundView = z.object({
  number: z.number(),
  submittedAt: z.number(),
  submittedBy: personView,
  processedAt: z.number().nullable(),
  filesFailed: z.number(),
  added: z.number(),
  removed: z.number(),
  /** Why it was not good enough; null: nobody asked for another one. */
  redelivery: z
    .object({ at: z.number(), by: personView, reasons: z.array(z.string()), comment: z.string() })
    .nullable(),
});
export type RoundView = z.infer<typeof roundView>;
export const roundListView = z.array(roundView);
export type RoundListView = z.infer<typeof roundListView>;

const roundNumber = z.number().int().min(1);
/** `from` is the earlier one. */
export const compareRoundsInput = requestIdInput.extend({ from: roundNumber, to: roundNumber });

const comparedFile = z.object({
  id: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
  kind: z.enum(mediaKinds),
});
/** At most so many of each kind are listed; the counts tell all. */
export const maxCompared = 1000;

/** `bySize`: bytes more, or less, than before. */
const changedFile = comparedFile.extend({ before: comparedFile, bySize: z.number() });
const renamedFile = comparedFile.extend({ before: comparedFile });
export const roundsComparisonView = z.object({
  from: z.number(),
  to: z.number(),
  added: z.array(comparedFile),
  removed: z.array(comparedFile),
  /** Other bytes under the same name. */
  changed: z.array(changedFile),
  /** The same bytes under another name. */
  renamed: z.array(renamedFile),
  /** The same bytes sent again under the same name. */
  resent: z.array(comparedFile),
  counts: z.object({
    added: z.number(),
    removed: z.number(),
    changed: z.number(),
    renamed: z.number(),
    resent: z.number(),
  }),
  /** Reasons that the changes do not fit. */
  doubts: z.array(z.object({ reason: z.string(), doubt: z.enum(['kind_untouched', 'nothing_changed']) })),
});
export type RoundsComparisonView = z.infer<typeof roundsComparisonView>;
export type RoundChanges = Omit<RoundsComparisonView, 'from' | 'to' | 'doubts'> & {
  /** The kinds of all that came, went or changed, listed or not. */
  touched: ReadonlySet<MediaKind>;
};

/** A file that is in one of the two rounds and not in the other. */
export type RoundFile = {
  id: string;
  path: string;
  assetId: string;
  sizeBytes: number;
  kind: MediaKind;
  inFrom: boolean;
  /** Computed by the hub: `xxh128:… md5:…`; null: not known yet. */
  checksums: string | null;
};

/** Matched by name first, then by bytes: what is left over came or went. */
export function compareRounds(files: readonly RoundFile[]): RoundChanges {
  const before = files.filter(({ inFrom }) => inFrom);
  const byName = new Map(before.map((file) => [nameKey(file.path), file]));
  const changed: RoundsComparisonView['changed'] = [];
  const resent: RoundsComparisonView['resent'] = [];
  const renamed: RoundsComparisonView['renamed'] = [];
  const unmatched: RoundFile[] = [];
  for (const file of files.filter(({ inFrom }) => !inFrom)) {
    const earlier = byName.get(nameKey(file.path));
    if (!earlier) {
      unmatched.push(file);
      continue;
    }
    byName.delete(nameKey(file.path));
    if (isSame(earlier, file)) {
      // Only the case of its letters is another one.
      if (earlier.path === file.path) resent.push(told(file));
      else renamed.push({ ...told(file), before: told(earlier) });
    } else changed.push({ ...told(file), before: told(earlier), bySize: file.sizeBytes - earlier.sizeBytes });
  }
  const left = Map.groupBy(byName.values(), bytesOf);
  const added: RoundFile[] = [];
  for (const file of unmatched) {
    const earlier = left.get(bytesOf(file))?.shift();
    if (earlier) renamed.push({ ...told(file), before: told(earlier) });
    else added.push(file);
  }
  const removed = [...left.values()].flat();
  return {
    touched: new Set([...added, ...removed, ...changed].map(({ kind }) => kind)),
    added: added.slice(0, maxCompared).map(told),
    removed: removed.slice(0, maxCompared).map(told),
    changed: changed.slice(0, maxCompared),
    renamed: renamed.slice(0, maxCompared),
    resent: resent.slice(0, maxCompared),
    counts: {
      added: added.length,
      removed: removed.length,
      changed: changed.length,
      renamed: renamed.length,
      resent: resent.length,
    },
  };
}

/** What a reason is about; those that are about the delivery as a whole are not here. */
const concerns: Partial<Record<ReasonCode, readonly MediaKind[]>> = {
  picture_spec: ['picture', 'locked_cut', 'frame', 'image'],
  audio_spec: ['audio', 'picture', 'locked_cut'],
  timed_text: ['timed_text'],
  checksum_missing: ['manifest'],
  frame_gaps: ['frame', 'image'],
};

/** "The reason says audio, but only picture changed." */
export function doubtsAbout(
  reasons: readonly string[],
  changes: RoundChanges,
): RoundsComparisonView['doubts'] {
  const { counts, touched } = changes;
  const isUntouched = counts.added + counts.removed + counts.changed + counts.renamed === 0;
  return reasons.flatMap((reason): RoundsComparisonView['doubts'] => {
    if (isUntouched) return [{ reason, doubt: 'nothing_changed' }];
    const kinds = isStarterReason(reason) ? concerns[reason] : undefined;
    const isTouched = !kinds || kinds.some((kind) => touched.has(kind));
    return isTouched ? [] : [{ reason, doubt: 'kind_untouched' }];
  });
}

/** Two assets of the same size and a common checksum are the same bytes; so is one asset. */
function isSame(one: RoundFile, other: RoundFile): boolean {
  if (one.assetId === other.assetId) return true;
  if (one.sizeBytes !== other.sizeBytes || one.checksums === null || other.checksums === null) return false;
  const known = new Set(one.checksums.split(' '));
  return other.checksums.split(' ').some((checksum) => known.has(checksum));
}

/** Equal for the same bytes, as far as is known: every stored file has its xxh128. */
function bytesOf({ assetId, checksums, sizeBytes }: RoundFile): string {
  const xxh128 = checksums?.split(' ').find((checksum) => checksum.startsWith('xxh128:'));
  return xxh128 ? `${sizeBytes}:${xxh128}` : assetId;
}

function told({ id, path, sizeBytes, kind }: RoundFile) {
  return { id, path, sizeBytes, kind };
}
