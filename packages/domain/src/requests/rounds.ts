/** Compares two rounds: files that were added, removed, changed, renamed or sent again. */
import { z } from 'zod';
import { knownPersonView } from '../people/accounts.ts';
import { checksumAlgorithmSchema } from '../media/checksums.ts';
import { mediaKinds, type MediaKind } from '../media/media-kinds.ts';
import { nameKey } from '../names/names.ts';
import { findingView } from './findings.ts';
import { requestIdInput } from './requests.ts';
import { isStarterReason, type ReasonCode } from './reasons.ts';

export const roundView = z.object({
  number: z.number(),
  submittedAt: z.number(),
  submittedBy: knownPersonView,
  processedAt: z.number().nullable(),
  filesFailed: z.number(),
  added: z.number(),
  removed: z.number(),
  /** The redelivery that followed this round; null when there was none. */
  redelivery: z
    .object({
      at: z.number(),
      by: knownPersonView,
      reasons: z.array(z.string()),
      comment: z.string(),
      /** True when the files of the request were cleared. */
      cleared: z.boolean(),
    })
    .nullable(),
});
export type RoundView = z.infer<typeof roundView>;
export const roundListView = z.array(roundView);
export type RoundListView = z.infer<typeof roundListView>;

/** A submitted round as it was. `requestFiles.contents` lists its files, `requests.history` its events. */
export const roundDetailsView = roundView.extend({
  files: z.number(),
  sizeBytes: z.number(),
  /** True when the caller sees only the files that they delivered. */
  ownFilesOnly: z.boolean(),
  /** True when every file has an MD5, so that lists for older tools can be written. */
  hasMd5: z.boolean(),
  /** The algorithms that are being computed for its files because somebody asked for them. */
  computing: z.array(checksumAlgorithmSchema),
  /** Findings of earlier rounds that this round was checked against. */
  carried: z.array(findingView),
  /** Findings that were reported in this round. */
  found: z.array(findingView),
});
export type RoundDetailsView = z.infer<typeof roundDetailsView>;

const roundNumber = z.number().int().min(1);
export const getRoundInput = requestIdInput.extend({ number: roundNumber });
/** `from` is the earlier round. */
export const compareRoundsInput = requestIdInput.extend({ from: roundNumber, to: roundNumber });

/**
 * Algorithms that a person can ask for, because lists of other tools use them. The hub computes XXH128 of every file
 * anyway.
 */
export const wantedAlgorithms = ['md5', 'xxh64', 'xxh3', 'sha1', 'sha256', 'c4'] as const;
export const computeChecksumsInput = getRoundInput.extend({
  algorithms: z.array(z.enum(wantedAlgorithms)).min(1).max(wantedAlgorithms.length),
});
export const computingView = z.object({ computing: z.array(checksumAlgorithmSchema) });

const comparedFile = z.object({
  id: z.string(),
  path: z.string(),
  sizeBytes: z.number(),
  kind: z.enum(mediaKinds),
});
/** The most files listed for each kind of change; the counts include all. */
export const maxCompared = 1000;

/** `bySize`: the difference in bytes; negative when the file became smaller. */
const changedFile = comparedFile.extend({ before: comparedFile, bySize: z.number() });
const renamedFile = comparedFile.extend({ before: comparedFile });
export const roundsComparisonView = z.object({
  from: z.number(),
  to: z.number(),
  added: z.array(comparedFile),
  removed: z.array(comparedFile),
  /** Files with the same name and other bytes. */
  changed: z.array(changedFile),
  /** Files with the same bytes and another name. */
  renamed: z.array(renamedFile),
  /** Files that were sent again with the same bytes and the same name. */
  resent: z.array(comparedFile),
  counts: z.object({
    added: z.number(),
    removed: z.number(),
    changed: z.number(),
    renamed: z.number(),
    resent: z.number(),
  }),
  /** Reasons of the redelivery that the changes do not seem to address. */
  doubts: z.array(z.object({ reason: z.string(), doubt: z.enum(['kind_untouched', 'nothing_changed']) })),
});
export type RoundsComparisonView = z.infer<typeof roundsComparisonView>;
export type RoundChanges = Omit<RoundsComparisonView, 'from' | 'to' | 'doubts'> & {
  /** The media kinds of all files that were added, removed or changed, including files that are not listed. */
  touched: ReadonlySet<MediaKind>;
};

/** A file that is in only one of the two rounds. */
export type RoundFile = {
  id: string;
  path: string;
  assetId: string;
  sizeBytes: number;
  kind: MediaKind;
  inFrom: boolean;
  /** The checksums that the hub computed: `xxh128:… md5:…`; null while they are unknown. */
  checksums: string | null;
};

/** Matches files first by name, then by bytes. The remaining files were added or removed. */
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
      // The `nameKey` is equal, but the spelling may differ, for example in case.
      if (earlier.path === file.path) resent.push(viewFile(file));
      else renamed.push({ ...viewFile(file), before: viewFile(earlier) });
    } else
      changed.push({
        ...viewFile(file),
        before: viewFile(earlier),
        bySize: file.sizeBytes - earlier.sizeBytes,
      });
  }
  const left = Map.groupBy(byName.values(), bytesOf);
  const added: RoundFile[] = [];
  for (const file of unmatched) {
    const earlier = left.get(bytesOf(file))?.shift();
    if (earlier) renamed.push({ ...viewFile(file), before: viewFile(earlier) });
    else added.push(file);
  }
  const removed = [...left.values()].flat();
  return {
    touched: new Set([...added, ...removed, ...changed].map(({ kind }) => kind)),
    added: added.slice(0, maxCompared).map(viewFile),
    removed: removed.slice(0, maxCompared).map(viewFile),
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

/** The media kinds that a reason concerns. Reasons about the whole delivery are absent. */
const concerns: Partial<Record<ReasonCode, readonly MediaKind[]>> = {
  picture_spec: ['picture', 'locked_cut', 'frame', 'image'],
  audio_spec: ['audio', 'picture', 'locked_cut'],
  timed_text: ['timed_text'],
  checksum_missing: ['manifest'],
  frame_gaps: ['frame', 'image'],
};

/** Finds reasons that no change addresses: the reason concerns audio, but only picture changed. */
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

/** Returns true when both files have the same bytes: the same asset, or the same size and a common checksum. */
function isSame(one: RoundFile, other: RoundFile): boolean {
  if (one.assetId === other.assetId) return true;
  if (one.sizeBytes !== other.sizeBytes || one.checksums === null || other.checksums === null) return false;
  const known = new Set(one.checksums.split(' '));
  return other.checksums.split(' ').some((checksum) => known.has(checksum));
}

/** Returns a key that is equal for equal bytes: the XXH128, or the asset while no checksum is known. */
function bytesOf({ assetId, checksums, sizeBytes }: RoundFile): string {
  const xxh128 = checksums?.split(' ').find((checksum) => checksum.startsWith('xxh128:'));
  return xxh128 ? `${sizeBytes}:${xxh128}` : assetId;
}

function viewFile({ id, path, sizeBytes, kind }: RoundFile) {
  return { id, path, sizeBytes, kind };
}
