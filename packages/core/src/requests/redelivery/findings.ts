/** Findings of a redelivery: problems at files and moments, answered by the partner and resolved in a later round. */
import { and, asc, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { reasonFindings } from '@turnover/db/schema/reasons';
import { deliveredFiles, redeliveries } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import type { Permission } from '@turnover/domain/people/permissions';
import {
  maxOpenFindings,
  readMoment,
  sentenceFor,
  type Moment,
  type FindingInput,
  type FindingView,
} from '@turnover/domain/requests/findings';
import type { FindingAnswer } from '@turnover/domain/requests/finding-answers';
import { actions, refuseAction } from '@turnover/domain/requests/actions';
import { frameRateInName, onlyFrameRate, type FrameRate } from '@turnover/domain/media/timecodes';
import { loadRequest, seesOwnFilesOnly, type DeliveredFile, type DeliveryRequest } from '../../access.ts';
import { queueSubmitCheck } from '../submit-trigger.ts';
import { contentFacts } from '../transitions.ts';
import type { Person, PersonContext } from '../../context.ts';
import { appendEvent } from '../../events.ts';
import { inList } from '../../in-list.ts';
import { viewKnownPeople } from '../../people/person-view.ts';
import { rulesOf } from '../types.ts';
import { answersIn, keepAnswer } from './answers.ts';
import { carriedInto, countOpen } from './open-findings.ts';

export type Finding = typeof reasonFindings.$inferSelect;
/** `file`: null for a finding about the delivery as a whole. */
export type LoadedFinding = { finding: Finding; file: DeliveredFile | null; request: DeliveryRequest };

/** Stores findings. All their files must belong to the rejected round; otherwise throws `not_found` and stores nothing. */
export function insertFindings(
  tx: Transaction,
  ctx: PersonContext,
  request: Pick<DeliveryRequest, 'id' | 'round' | 'typeId' | 'typeVersion'>,
  redeliveryId: string,
  findings: readonly FindingInput[],
): void {
  if (countOpen(tx, request.id).all + findings.length > maxOpenFindings) {
    throw new HubError('invalid_input', `A request has at most ${maxOpenFindings} unresolved findings.`, {
      field: 'pins',
    });
  }
  const fileIds = [...new Set(findings.flatMap(({ fileId }) => fileId ?? []))];
  const present = tx
    .select({ id: deliveredFiles.id, path: deliveredFiles.path })
    .from(deliveredFiles)
    .where(
      and(
        eq(deliveredFiles.requestId, request.id),
        isNull(deliveredFiles.removedAt),
        inList(deliveredFiles.id, fileIds),
      ),
    )
    .all();
  if (present.length < fileIds.length) throw notFound();
  const paths = new Map(present.map(({ id, path }) => [id, path]));
  const ofType = onlyFrameRate(rulesOf(tx, request)?.media.frameRates ?? []);
  for (const [index, finding] of findings.entries()) {
    const ofFile = frameRateInName((finding.fileId && paths.get(finding.fileId)) ?? '');
    const frameRate = finding.frameRate ?? ofType ?? ofFile;
    tx.insert(reasonFindings)
      .values({
        ...finding,
        ...momentOf(finding, frameRate, index),
        frameRate: finding.timecodeIn === null ? null : frameRate,
        id: ctx.newId('pin'),
        redeliveryId,
        requestId: request.id,
        round: request.round,
      })
      .run();
  }
}

/**
 * Parses the timecode of a finding. Throws `invalid_input` with the nearest valid timecode. `index`: place of the finding in
 * the input.
 */
function momentOf(finding: FindingInput, frameRate: FrameRate | null, index: number): Moment {
  const { moment, wrong } = readMoment(finding, frameRate);
  if (moment) return moment;
  const { field, problem, nearest } = wrong;
  throw new HubError('invalid_input', sentenceFor(wrong), {
    field: `pins.${index}.${field}`,
    problem,
    nearest,
    frameRate,
  });
}

type OfRequest = Pick<DeliveryRequest, 'id' | 'projectId'>;

/** The findings that a round should answer: those of the round before, and unresolved ones of earlier rounds. */
export function findingsInto(db: Reader, person: Person, request: OfRequest, round: number): FindingView[] {
  return viewFindings(db, person, request, carriedInto(round), round);
}

/** The findings that a round was sent back with, with the answers of the next round. */
export function findingsIn(db: Reader, person: Person, request: OfRequest, round: number): FindingView[] {
  return viewFindings(db, person, request, eq(reasonFindings.round, round), round + 1);
}

/**
 * Sorted by file and moment, with the answers that the round `answersOf` was submitted with. Roles that see only their own
 * files get the findings of those files, and findings without a file.
 */
function viewFindings(
  db: Reader,
  person: Person,
  request: OfRequest,
  chosen: SQL | undefined,
  answersOf: number,
): FindingView[] {
  const rows = db
    .select({
      finding: reasonFindings,
      file: deliveredFiles,
      nowId: presentFileId,
      by: redeliveries.askedBy,
      at: redeliveries.askedAt,
    })
    .from(reasonFindings)
    .innerJoin(redeliveries, eq(redeliveries.id, reasonFindings.redeliveryId))
    .leftJoin(deliveredFiles, eq(deliveredFiles.id, reasonFindings.fileId))
    .where(and(eq(reasonFindings.requestId, request.id), chosen))
    .orderBy(
      asc(deliveredFiles.pathKey),
      asc(reasonFindings.timecodeIn),
      asc(reasonFindings.round),
      asc(reasonFindings.id),
    )
    .limit(maxOpenFindings)
    .all();
  const ownOnly = seesOwnFilesOnly(db, person, request.projectId);
  const visible = rows.filter(({ file }) => !ownOnly || file === null || file.deliveredBy === person.id);
  const answers = answersIn(
    db,
    visible.map(({ finding }) => finding),
    answersOf,
  );
  const known = viewKnownPeople(
    db,
    person,
    request.projectId,
    visible.flatMap(({ finding, by }) =>
      [by, answers.get(finding.id)?.by, finding.checkedBy].filter((id) => id !== null && id !== undefined),
    ),
  );
  const viewAnswer = (id: string): FindingView['answer'] => {
    const answer = answers.get(id) ?? null;
    return answer && { ...answer, by: known(answer.by) };
  };
  return visible.map(({ finding, file, nowId, by, at }) => ({
    id: finding.id,
    round: finding.round,
    reason: finding.reason,
    note: finding.note,
    file: file && { id: file.id, path: file.path, nowId },
    timecodeIn: finding.timecodeIn,
    timecodeOut: finding.timecodeOut,
    frameRate: finding.frameRate,
    by: known(by),
    at,
    answer: viewAnswer(finding.id),
    checked:
      finding.checkedBy && finding.checkedAt !== null && finding.checkedRound !== null
        ? { by: known(finding.checkedBy), at: finding.checkedAt, round: finding.checkedRound }
        : null,
  }));
}

/**
 * The id of the finding's file if it is present; otherwise of its renamed copy, also over several rounds, or of the present
 * file with the same name; null when there is none.
 */
const presentFileId = sql<string | null>`(
  with recursive heir as (
    select self.* from delivered_files as self where self.id = ${deliveredFiles.id}
    union
    select renamed.* from heir join delivered_files as renamed
      on renamed.asset_id = heir.asset_id and renamed.request_id = heir.request_id
      and renamed.added_round = heir.removed_round
    where heir.removal = 'renamed'
  )
  select coalesce(present.id, namesake.id) from heir
  left join delivered_files as present on present.id = heir.id and heir.removed_at is null
  left join delivered_files as namesake on heir.removal <> 'renamed'
    and namesake.request_id = heir.request_id and namesake.removed_at is null and namesake.path_key = heir.path_key
  where present.id is not null or namesake.id is not null
  order by present.id is null limit 1)`;

/** Throws `not_found` when the person may not see the finding's request or its file. */
export function loadFinding(
  db: Reader,
  person: Person,
  pinId: string,
  permission: Permission,
): LoadedFinding {
  const row = db
    .select({ finding: reasonFindings, file: deliveredFiles })
    .from(reasonFindings)
    .leftJoin(deliveredFiles, eq(deliveredFiles.id, reasonFindings.fileId))
    .where(eq(reasonFindings.id, pinId))
    .get();
  if (!row) throw notFound();
  const request = loadRequest(db, person, row.finding.requestId, permission);
  const isTheirs = row.file === null || row.file.deliveredBy === person.id;
  if (!isTheirs && seesOwnFilesOnly(db, person, request.projectId)) throw notFound();
  return { ...row, request };
}

/**
 * Answers an unresolved finding while the request is in Redelivery. An `answer` of null withdraws it; earlier rounds keep
 * theirs.
 */
export function answerFinding(
  ctx: PersonContext,
  { id }: Pick<Finding, 'id'>,
  answer: FindingAnswer | null,
  comment: string,
): void {
  inTransaction(ctx.db, (tx) => {
    const found = loadFinding(tx, ctx.person, id, actions.answer.permission);
    const { finding, request } = found;
    if (refuseAction('answer', contentFacts(request)) || finding.checkedRound !== null) {
      throw new HubError(
        'status_forbids',
        'Unresolved findings can be answered only before the next round is submitted.',
        {
          action: 'answer',
          status: request.status,
        },
      );
    }
    if (answer !== null && answer !== 'fixed' && comment === '') {
      throw new HubError('reason_required', 'Explain why it stays as it is.', { field: 'comment' });
    }
    keepAnswer(tx, finding, request.round);
    tx.update(reasonFindings)
      .set({
        answer,
        answeredRound: request.round,
        answerComment: answer === null ? '' : comment,
        answeredBy: answer === null ? null : ctx.person.id,
        answeredAt: answer === null ? null : ctx.clock(),
      })
      .where(eq(reasonFindings.id, id))
      .run();
    recordFindingChange(tx, ctx, found, 'request.pinAnswered', { answer });
    queueSubmitCheck(tx, ctx, request);
  });
}

/**
 * Resolves a finding, or reopens it, once a later round is processed. A finding that an earlier round resolved stays
 * resolved.
 */
export function checkFinding(ctx: PersonContext, { id }: Pick<Finding, 'id'>, checked: boolean): void {
  inTransaction(ctx.db, (tx) => {
    const found = loadFinding(tx, ctx.person, id, actions.check.permission);
    const { finding, request } = found;
    const isCarried = finding.checkedRound === null || finding.checkedRound === request.round;
    if (refuseAction('check', contentFacts(request)) || !isCarried) {
      throw new HubError(
        'status_forbids',
        'Findings can be resolved only when the next round is processed.',
        {
          action: 'check',
          status: request.status,
        },
      );
    }
    tx.update(reasonFindings)
      .set(
        checked
          ? { checkedBy: ctx.person.id, checkedAt: ctx.clock(), checkedRound: request.round }
          : { checkedBy: null, checkedAt: null, checkedRound: null },
      )
      .where(eq(reasonFindings.id, id))
      .run();
    recordFindingChange(tx, ctx, found, 'request.pinChecked', { checked });
  });
}

function recordFindingChange(
  tx: Transaction,
  ctx: PersonContext,
  { finding, file, request }: LoadedFinding,
  kind: 'request.pinAnswered' | 'request.pinChecked',
  data: Record<string, string | boolean | null>,
): void {
  appendEvent(tx, ctx.clock, {
    kind,
    projectId: request.projectId,
    requestId: request.id,
    actorId: ctx.person.id,
    deliveredBy: file?.deliveredBy ?? null,
    data: { ...data, reason: finding.reason, ...(file && { name: file.path }) },
  });
}
