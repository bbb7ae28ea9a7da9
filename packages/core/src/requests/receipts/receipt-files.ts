/** The part of a receipt about each file: what was received, and which checks ran on it. */
import { asc, lte, and, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import type { EntryVerdict } from '@turnover/domain/manifests/verdicts';
import { stageRuns, type StoredProblem } from '@turnover/db/schema/jobs';
import { inList } from '../../in-list.ts';
import { viewPeople } from '../../people/person-view.ts';
import { inRound } from '../files/round-scope.ts';
import { problemsOfRuns } from '../processing/inspection.ts';
import { replacedAfter } from '../processing/replaced-runs.ts';
import { pagesOfRound, type FileOfRound, type SubmittedRound } from './round-files.ts';

export type ListVerdict = {
  fileId: string;
  list: string;
  verdict: EntryVerdict;
  algorithm: string | null;
  value: string;
  sizeBytes: number | null;
  matchNotes: string;
  found: string | null;
};

/** Yields pages of files, sorted by path. */
export async function* receiptFiles(db: Reader, round: SubmittedRound) {
  for await (const page of pagesOfRound(db, round)) yield viewPage(db, round, page);
}

export type ReceiptFileView = ReturnType<typeof viewPage>[number];

function viewPage(db: Reader, { number }: SubmittedRound, page: readonly FileOfRound[]) {
  const ids = page.map(({ id }) => id);
  const people = viewPeople(
    db,
    page.map(({ deliveredBy }) => deliveredBy),
  );
  const { runsOf, problemsOf } = loadRuns(db, ids, number);
  const verdictsOf = listVerdicts(db, ids, number);
  return page.map((file) => {
    const ofFile = runsOf.get(file.id) ?? [];
    const listed = verdictsOf.get(file.id) ?? [];
    return {
      path: file.path,
      sizeBytes: file.sizeBytes,
      hashes: file.checksums.map(({ algorithm, value, at }) => ({
        algorithm,
        value,
        computedAt: moment(at),
      })),
      deliveredBy: nameOf(people, file.deliveredBy),
      deliveredAt: moment(file.addedAt),
      deliveredInRound: file.addedRound,
      isChecksumList: file.isManifest,
      checks: checksOf(ofFile, listed),
      lists: listed.map(({ list, verdict, algorithm }) => ({ list, verdict, algorithm })),
      stages: ofFile.map(({ stage, mode, status, failure, informs }) => ({
        stage,
        mode,
        status,
        failure,
        // Left out otherwise, so that older receipts keep their seals.
        ...(informs && { informs }),
      })),
      problems: ofFile.flatMap(({ id, stage }) =>
        (problemsOf.get(id) ?? []).map(({ code, severity, details }) => ({ stage, code, severity, details })),
      ),
    };
  });
}

/** The stage runs of the round in order, keyed by file id, and the stored problems, keyed by run id. */
export function loadRuns(db: Reader, fileIds: readonly string[], round: number) {
  const runs = db
    .select()
    .from(stageRuns)
    .where(and(inList(stageRuns.fileId, fileIds), lte(stageRuns.round, round)))
    .orderBy(asc(stageRuns.position))
    .all();
  const replaced = replacedAfter(db, fileIds, round);
  const all = [...runs, ...replaced].toSorted((one, other) => one.position - other.position);
  const present = problemsOfRuns(
    db,
    runs.map(({ id }) => id),
  );
  return {
    runsOf: Map.groupBy(all, ({ fileId }) => fileId),
    problemsOf: new Map<string, readonly StoredProblem[]>([
      ...present,
      ...replaced.map(({ id, problems }) => [id, problems] as const),
    ]),
  };
}

/** The checks that ran. A failed, waiting or skipped stage is not a check; a simulated one is marked as simulated. */
function checksOf(
  runs: readonly Pick<typeof stageRuns.$inferSelect, 'stage' | 'mode' | 'status'>[],
  listed: readonly ListVerdict[],
): string[] {
  const isDone = (stage: string, mode: string) =>
    runs.some((run) => run.stage === stage && run.mode === mode && run.status === 'done');
  const states = new Set(listed.map(({ verdict }) => verdict));
  return [
    'received',
    ...(states.has('differs') ? ['differs_from_list'] : states.has('match') ? ['matches_list'] : []),
    ...(isDone('inspect', 'real') ? ['inspected'] : []),
    ...runs
      .filter(({ mode, status }) => mode === 'simulated' && status === 'done')
      .map(({ stage }) => `${stage}_simulated`),
  ];
}

/** What the checksum lists of the round say about each file, keyed by file id. */
export function listVerdicts(
  db: Reader,
  fileIds: readonly string[],
  number: number,
): Map<string, ListVerdict[]> {
  const rows = db.all<ListVerdict>(sql`
    select entry.file_id as fileId, file.path as list, entry.verdict, entry.algorithm, entry.value,
      entry.size_bytes as sizeBytes, entry.match_notes as matchNotes,
      (select value from asset_checksums where asset_id = named.asset_id and source = 'computed'
        and algorithm = entry.algorithm) as found
    from json_each(${JSON.stringify(fileIds)}) as wanted
    cross join manifest_entries as entry on entry.file_id = wanted.value
    join delivered_files as named on named.id = entry.file_id
    join delivered_files as file on file.id = entry.list_id and ${inRound(number)}
    order by file.path_key, entry.number`);
  return Map.groupBy(rows, ({ fileId }) => fileId);
}

type People = ReturnType<typeof viewPeople>;

export function nameOf(people: People, id: string | null): { name: string; company: string | null } | null {
  const person = id === null ? undefined : people.get(id);
  return person ? { name: person.name, company: person.company } : null;
}

export function moment(at: number): string;
export function moment(at: number | null): string | null;
export function moment(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}
