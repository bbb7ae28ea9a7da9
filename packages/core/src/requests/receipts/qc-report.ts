/** Writes the QC report of a submitted round: as JSON and CSV, in pieces while they are sent, and as a view for its page. */
import { sql } from 'drizzle-orm';
import { csvLine, csvStart } from '@turnover/domain/csv';
import type { Reader } from '@turnover/db/open';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import type { MediaProblem, ProblemSeverity } from '@turnover/domain/media/media-problems';
import { qcTermOfProblem, qcTermOfReason, type QcTerm } from '@turnover/domain/media/qc-vocabulary';
import { reasonFor } from '@turnover/domain/manifests/views';
import { stageNames } from '@turnover/domain/media/stages';
import { timeOfMs } from '@turnover/domain/media/timecodes';
import {
  maxQcFiles,
  maxQcMissing,
  maxQcProblems,
  qcReportFormat,
  qcReportVersion,
  qcVocabulary,
  type ListedView,
  type MissingView,
  type QcFileView,
  type QcFindingView,
  type QcReportView,
} from '@turnover/domain/requests/qc-report';
import type { DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { inRound } from '../files/round-scope.ts';
import { viewFailure, viewProblem, withStageWords } from '../processing/inspection.ts';
import { namesOfStages, outsideStagesOfRound } from '../processing/outside-stages.ts';
import { skipReasonOf } from '../processing/view.ts';
import type { Pieces } from './lists.ts';
import { listVerdicts, loadRuns, type ListVerdict } from './receipt-files.ts';
import { receiptFacts } from './receipt.ts';
import { pagesOfRound, type FileOfRound, type SubmittedRound } from './round-files.ts';

/** Writes `qc-report.json`. It has no creation time, so its bytes stay the same until something happens to the round. */
export async function* writeQcJson(
  ctx: PersonContext,
  request: DeliveryRequest,
  round: SubmittedRound,
): Pieces {
  const { findings, missing, facts } = viewFacts(ctx, request, round);
  const head = {
    format: qcReportFormat,
    version: qcReportVersion,
    vocabulary: qcVocabulary,
    ...facts,
    findings,
    missing,
  };
  yield `${JSON.stringify(head).slice(0, -1)},"files":[`;
  let before = '\n';
  for await (const page of qcFiles(ctx.db, round)) {
    for (const file of page) {
      yield before + JSON.stringify(file);
      before = ',\n';
    }
  }
  yield '\n]}\n';
}

const columns = [
  'record',
  'file',
  'size_bytes',
  'stage',
  'mode',
  'status',
  'code',
  'severity',
  'track',
  'from',
  'to',
  'line',
  'measured',
  'wanted',
  'reason',
  'qc_category',
  'qc_term',
  'note',
  'by',
] as const;
type Row = Partial<Record<(typeof columns)[number], string | number | null>>;

/** Writes `qc-report.csv`: a line for each file, stage run, problem and finding. The column `record` states which. */
export async function* writeQcCsv(
  ctx: PersonContext,
  request: DeliveryRequest,
  round: SubmittedRound,
): Pieces {
  yield csvStart + csvLine(columns);
  const { findings, missing } = viewFacts(ctx, request, round);
  yield [...findings.map(rowOfFinding), ...missing.map(rowOfMissing)].map(written).join('');
  for await (const page of qcFiles(ctx.db, round)) yield page.flatMap(rowsOfFile).map(written).join('');
}

function written(row: Row): string {
  return csvLine(columns.map((column) => String(row[column] ?? '')));
}

function rowOfFinding({ path, reason, qc, timecodeIn, timecodeOut, note, by, resolved }: QcFindingView): Row {
  return {
    record: 'finding',
    file: path,
    status: resolved ? 'resolved' : 'open',
    from: timecodeIn,
    to: timecodeOut,
    reason,
    ...cellsOf(qc),
    note,
    by: by?.name ?? null,
  };
}

function rowOfMissing({ list, path, reason, qc }: MissingView): Row {
  return { record: 'list', file: path, status: 'missing', reason, ...cellsOf(qc), note: list };
}

function rowsOfFile({ path: file, sizeBytes, stages, lists, problems, problemCount }: QcFileView): Row[] {
  const more = problemCount - problems.length;
  return [
    {
      record: 'file',
      file,
      size_bytes: sizeBytes,
      note: more > 0 ? `${more} more problems are counted and not listed` : null,
    },
    ...lists.map(({ list, verdict, algorithm, measured, wanted, reason, qc }) => ({
      record: 'list',
      file,
      status: verdict,
      code: algorithm,
      measured,
      wanted,
      reason,
      ...cellsOf(qc),
      note: list,
    })),
    ...stages.map(({ stage, mode, status, failure, informs, skipReason }) => ({
      record: 'stage',
      file,
      stage,
      mode,
      status,
      code: failure ?? skipReason,
      note: informs ? 'only informs' : null,
    })),
    ...problems.map(({ stage, code, severity, track, fromMs, toMs, line, measured, wanted, reason, qc }) => ({
      record: 'problem',
      file,
      stage,
      code,
      severity,
      track: track === null ? null : track + 1,
      from: fromMs === null ? null : timeOfMs(fromMs),
      to: toMs === null ? null : timeOfMs(toMs),
      line,
      measured,
      wanted,
      reason,
      ...cellsOf(qc),
    })),
  ];
}

function cellsOf(qc: { category: string; term: string | null } | null): Row {
  return { qc_category: qc?.category ?? null, qc_term: qc?.term ?? null };
}

/** The report for its page, with the first files that have problems and the first that have none. Reads all files. */
export async function viewQcReport(
  ctx: PersonContext,
  request: DeliveryRequest,
  round: SubmittedRound,
): Promise<QcReportView> {
  const stages = new Map<string, QcReportView['stages'][number]>();
  const counts: Record<ProblemSeverity, number> = { error: 0, warning: 0, note: 0 };
  const withProblems: QcReportView['withProblems'] = { files: [], total: 0 };
  const without: QcReportView['without'] = { files: [], total: 0 };
  let listed = 0;
  let notKept = 0;
  const { missing, ...facts } = viewFacts(ctx, request, round);
  for await (const page of qcFiles(ctx.db, round)) {
    for (const file of page) {
      const differing = file.lists.filter(({ verdict }) => verdict === 'differs').length;
      const list = file.problemCount + differing > 0 ? withProblems : without;
      list.total += 1;
      if (list.files.length < maxQcFiles && listed < maxQcProblems) {
        list.files.push(file);
        listed += file.problems.length;
      }
      counts.error += differing;
      notKept += file.problemCount - file.problems.length;
      for (const { severity } of file.problems) counts[severity] += 1;
      for (const run of file.stages) count(stages, run);
    }
  }
  const outside = outsideStagesOfRound(ctx.db, facts.facts.round.stages);
  const inWords = (file: QcFileView) => ({ ...file, problems: withStageWords(file.problems, outside) });
  for (const list of facts.facts.lists) counts.error += list.missing;
  return {
    ...facts,
    missing,
    stageNames: namesOfStages(outside),
    stages: inOrder([...stages.values()], facts.facts.round.stages?.asked ?? stageNames),
    counts,
    notKept,
    withProblems: { ...withProblems, files: withProblems.files.map(inWords) },
    without,
  };
}

/** Sorts stages as they run; one that is not among `names` comes last. */
function inOrder<Sum extends { stage: string }>(sums: readonly Sum[], names: readonly string[]): Sum[] {
  const place = ({ stage }: Sum) => (names.includes(stage) ? names.indexOf(stage) : names.length);
  return sums.toSorted((one, other) => place(one) - place(other));
}

function count(
  sums: Map<string, QcReportView['stages'][number]>,
  { stage, mode, status }: QcFileView['stages'][number],
): void {
  const key = `${stage} ${mode}`;
  const sum = sums.get(key) ?? { stage, mode, done: 0, failed: 0, skipped: 0, open: 0 };
  sums.set(key, sum);
  sum[status === 'waiting' || status === 'running' ? 'open' : status] += 1;
}

function viewFacts(ctx: PersonContext, request: DeliveryRequest, round: SubmittedRound) {
  const { findings, ...facts } = receiptFacts(ctx, request, round);
  return {
    facts: {
      project: facts.project,
      request: facts.request,
      round: facts.round,
      totals: facts.totals,
      lists: facts.lists,
      overrides: facts.overrides,
    },
    missing: missingOf(ctx.db, round),
    findings: findings.map((finding): QcFindingView => {
      const kind = finding.path === null ? undefined : mediaKind(finding.path);
      const { reason, path, timecodeIn, timecodeOut, frameRate, note, by, at, answer, resolved } = finding;
      return {
        round: finding.round,
        reason,
        qc: qcTermOfReason(reason, kind),
        path,
        timecodeIn,
        timecodeOut,
        frameRate,
        note,
        by,
        at,
        answer,
        resolved,
      };
    }),
  };
}

function missingOf(db: Reader, { requestId, number }: SubmittedRound): MissingView[] {
  const rows = db.all<{ list: string; path: string }>(sql`
    select file.path as list, entry.path, min(entry.number) as number from delivered_files as file
    cross join manifest_entries as entry on entry.list_id = file.id and entry.verdict = 'missing'
    where file.request_id = ${requestId} and file.is_manifest = 1 and ${inRound(number)}
      and entry.match_notes <> 'the_list_itself'
    group by file.id, entry.path order by file.path_key, number limit ${maxQcMissing}`);
  const reason = reasonFor('missing')!;
  return rows.map(({ list, path }) => ({ list, path, reason, qc: qcTermOfReason(reason) }));
}

/** Yields pages of files, sorted by path. */
async function* qcFiles(db: Reader, round: SubmittedRound) {
  for await (const page of pagesOfRound(db, round)) yield viewPage(db, round, page);
}

function viewPage(db: Reader, { number }: SubmittedRound, page: readonly FileOfRound[]): QcFileView[] {
  const ids = page.map(({ id }) => id);
  const { runsOf, problemsOf } = loadRuns(db, ids, number);
  const verdictsOf = listVerdicts(db, ids, number);
  return page.map(({ id, path, sizeBytes }) => {
    const runs = runsOf.get(id) ?? [];
    const kind = mediaKind(path);
    return {
      path,
      sizeBytes,
      mediaKind: kind,
      lists: (verdictsOf.get(id) ?? []).map((listed) => viewListed(listed, sizeBytes, kind)),
      stages: runs.map((run) => ({
        stage: run.stage,
        mode: run.mode,
        status: run.status,
        failure: run.failure,
        informs: run.informs,
        skipReason: skipReasonOf(run),
        problems: run.problemCount,
      })),
      problems: runs.flatMap((run) => [
        ...(run.status === 'failed' ? [withTerm(viewFailure(run), kind)] : []),
        ...(problemsOf.get(run.id) ?? []).map(({ code, details }) =>
          withTerm(viewProblem(run.stage, { code, ...details } as MediaProblem), kind),
        ),
      ]),
      problemCount: runs.reduce(
        (sum, { problemCount, status }) => sum + problemCount + (status === 'failed' ? 1 : 0),
        0,
      ),
    };
  });
}

function viewListed(
  { list, verdict, algorithm, value, found, sizeBytes, matchNotes }: ListVerdict,
  foundBytes: number,
  kind: ReturnType<typeof mediaKind>,
): ListedView {
  const isOtherSize = matchNotes.split(' ').includes('other_size');
  const reason = reasonFor(verdict);
  return {
    list,
    verdict,
    algorithm,
    measured: isOtherSize ? `${foundBytes} B` : found,
    wanted: isOtherSize ? `${sizeBytes} B` : value,
    reason,
    qc: reason && qcTermOfReason(reason, kind),
  };
}

function withTerm<Problem extends { code: string }>(
  problem: Problem,
  kind: ReturnType<typeof mediaKind>,
): Problem & { qc: QcTerm | null } {
  return { ...problem, qc: qcTermOfProblem(problem.code, kind) };
}
