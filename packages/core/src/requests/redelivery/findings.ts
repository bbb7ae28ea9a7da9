/** Findings of a redelivery: pinned to files and moments, answered by the partner, ticked off in the next round. */
import { and, asc, eq, isNull, sql } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { reasonPins } from '@turnover/db/schema/reasons';
import { deliveredFiles, redeliveries } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import type { Permission } from '@turnover/domain/people/permissions';
import {
  maxPins,
  readMoment,
  sentenceFor,
  type Moment,
  type PinAnswer,
  type PinInput,
  type PinView,
} from '@turnover/domain/requests/findings';
import { frameRateInName, onlyFrameRate, type FrameRate } from '@turnover/domain/media/timecodes';
import { loadRequest, seesOwnFilesOnly, type Request } from '../../access.ts';
import { considerSubmit } from '../automatic-submit.ts';
import type { Person, PersonContext } from '../../context.ts';
import { appendEvent } from '../../events.ts';
import { inList } from '../../in-list.ts';
import { viewPeople } from '../../people/person-view.ts';
import { rulesOf } from '../types.ts';

export type Pin = typeof reasonPins.$inferSelect;

/** Of files that are in the round that was found wanting, or nothing is pinned. */
export function insertPins(
  tx: Transaction,
  ctx: PersonContext,
  request: Pick<Request, 'id' | 'round' | 'typeId' | 'typeVersion'>,
  redeliveryId: string,
  pins: readonly PinInput[],
): void {
  const fileIds = [...new Set(pins.flatMap(({ fileId }) => fileId ?? []))];
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
  for (const [index, pin] of pins.entries()) {
    const ofFile = frameRateInName((pin.fileId && paths.get(pin.fileId)) ?? '');
    const frameRate = pin.frameRate ?? ofType ?? ofFile;
    tx.insert(reasonPins)
      .values({
        ...{
          ...pin,
          ...momentOf(pin, frameRate, index),
          frameRate: pin.timecodeIn === null ? null : frameRate,
        },
        ...{ id: ctx.newId('pin'), redeliveryId, requestId: request.id, round: request.round },
      })
      .run();
  }
}

/** Throws with the nearest timecode there is; `index` tells which of the findings is meant. */
function momentOf(pin: PinInput, frameRate: FrameRate | null, index: number): Moment {
  const { moment, wrong } = readMoment(pin, frameRate);
  if (moment) return moment;
  const { field, problem, nearest } = wrong;
  throw new HubError('invalid_input', sentenceFor(wrong), {
    ...{ field: `pins.${index}.${field}`, problem, nearest, frameRate },
  });
}

/** Of one round, in the order of files and moments; roles that see their own files only are told of those and of the whole. */
export function pinsOf(
  db: Reader,
  person: Person,
  request: Pick<Request, 'id' | 'projectId'>,
  round: number,
): PinView[] {
  const rows = db
    .select({
      ...{ pin: reasonPins, file: deliveredFiles, nowId: standsForIt },
      ...{ by: redeliveries.askedBy, at: redeliveries.askedAt },
    })
    .from(reasonPins)
    .innerJoin(redeliveries, eq(redeliveries.id, reasonPins.redeliveryId))
    .leftJoin(deliveredFiles, eq(deliveredFiles.id, reasonPins.fileId))
    .where(and(eq(reasonPins.requestId, request.id), eq(reasonPins.round, round)))
    .orderBy(asc(deliveredFiles.pathKey), asc(reasonPins.timecodeIn), asc(reasonPins.id))
    .limit(maxPins)
    .all();
  const ownOnly = seesOwnFilesOnly(db, person, request.projectId);
  const told = rows.filter(({ file }) => !ownOnly || file === null || file.deliveredBy === person.id);
  const people = viewPeople(
    db,
    told.flatMap(({ pin, by }) => [by, pin.answeredBy, pin.checkedBy].filter((id) => id !== null)),
  );
  return told.map(({ pin, file, nowId, by, at }) => ({
    ...{ id: pin.id, round: pin.round, reason: pin.reason, note: pin.note },
    file: file && { id: file.id, path: file.path, nowId },
    ...{ timecodeIn: pin.timecodeIn, timecodeOut: pin.timecodeOut },
    ...{ frameRate: pin.frameRate },
    ...{ by: people.get(by)!, at },
    answer:
      pin.answer && pin.answeredBy && pin.answeredAt !== null
        ? {
            ...{ is: pin.answer, comment: pin.answerComment },
            ...{ by: people.get(pin.answeredBy)!, at: pin.answeredAt },
          }
        : null,
    checked:
      pin.checkedBy && pin.checkedAt !== null ? { by: people.get(pin.checkedBy)!, at: pin.checkedAt } : null,
  }));
}

/** The file itself while it is there, what it was renamed to, or what came under its name. */
const standsForIt = sql<string | null>`
  case when ${deliveredFiles.removedAt} is null then ${deliveredFiles.id} else coalesce(
    (select renamed.id from delivered_files as renamed
      where ${deliveredFiles.removal} = 'renamed' and renamed.asset_id = ${deliveredFiles.assetId}
        and renamed.request_id = ${deliveredFiles.requestId} and renamed.removed_at is null
        and renamed.added_round = ${deliveredFiles.removedRound}),
    (select namesake.id from delivered_files as namesake
      where namesake.request_id = ${deliveredFiles.requestId} and namesake.removed_at is null
        and namesake.path_key = ${deliveredFiles.pathKey})) end`;

/** Throws `not_found` for the finding of a request, or of a file, that is not there for the person. */
export function loadPin(
  db: Reader,
  person: Person,
  pinId: string,
  permission: Permission,
): { pin: Pin; request: Request } {
  const row = db
    .select({ pin: reasonPins, deliveredBy: deliveredFiles.deliveredBy })
    .from(reasonPins)
    .leftJoin(deliveredFiles, eq(deliveredFiles.id, reasonPins.fileId))
    .where(eq(reasonPins.id, pinId))
    .get();
  if (!row) throw notFound();
  const request = loadRequest(db, person, row.pin.requestId, permission);
  const isTheirs = row.deliveredBy === null || row.deliveredBy === person.id;
  if (!isTheirs && seesOwnFilesOnly(db, person, request.projectId)) throw notFound();
  return { pin: row.pin, request };
}

/** While the request is in Redelivery: afterwards the round is what was said. Null takes the answer back. */
export function answerPin(
  ctx: PersonContext,
  { id }: Pick<Pin, 'id'>,
  answer: PinAnswer | null,
  comment: string,
): void {
  inTransaction(ctx.db, (tx) => {
    const { pin, request } = loadPin(tx, ctx.person, id, 'request:answer');
    if (request.status !== 'redelivery' || pin.round !== request.round - 1) {
      throw new HubError('status_forbids', 'Answers are given before the next round is submitted.', {
        ...{ action: 'answer', status: request.status },
      });
    }
    if (answer !== null && answer !== 'fixed' && comment === '') {
      throw new HubError('reason_required', 'Say why it stays as it is.', { field: 'comment' });
    }
    tx.update(reasonPins)
      .set({
        ...{ answer, answerComment: answer === null ? '' : comment },
        answeredBy: answer === null ? null : ctx.person.id,
        answeredAt: answer === null ? null : ctx.clock(),
      })
      .where(eq(reasonPins.id, id))
      .run();
    tellOfPin(tx, ctx, request, pin, 'request.pinAnswered', { answer });
    considerSubmit(tx, ctx, request.id);
  });
}

/** In the checklist of the round after. */
export function checkPin(ctx: PersonContext, { id }: Pick<Pin, 'id'>, checked: boolean): void {
  inTransaction(ctx.db, (tx) => {
    const { pin, request } = loadPin(tx, ctx.person, id, 'request:check');
    if (pin.round !== request.round - 1 || request.status !== 'processed') {
      throw new HubError('status_forbids', 'Findings are ticked off when the next round is processed.', {
        ...{ action: 'check', status: request.status },
      });
    }
    tx.update(reasonPins)
      .set({ checkedBy: checked ? ctx.person.id : null, checkedAt: checked ? ctx.clock() : null })
      .where(eq(reasonPins.id, id))
      .run();
    tellOfPin(tx, ctx, request, pin, 'request.pinChecked', { checked });
  });
}

function tellOfPin(
  tx: Transaction,
  ctx: PersonContext,
  { id: requestId, projectId }: Request,
  pin: Pin,
  kind: 'request.pinAnswered' | 'request.pinChecked',
  data: Record<string, string | boolean | null>,
): void {
  const file = pin.fileId
    ? tx.select().from(deliveredFiles).where(eq(deliveredFiles.id, pin.fileId)).get()
    : undefined;
  appendEvent(tx, ctx.clock, {
    ...{ kind, projectId, requestId, actorId: ctx.person.id, deliveredBy: file?.deliveredBy ?? null },
    data: { ...data, reason: pin.reason, ...(file && { name: file.path }) },
  });
}
