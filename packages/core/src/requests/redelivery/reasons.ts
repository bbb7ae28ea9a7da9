/** The reasons for redeliveries: the included list with this hub's changes, and the hub's own reasons. */
import { max } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { reasons } from '@turnover/db/schema/reasons';
import { inTransaction } from '@turnover/db/transaction';
import { HubError, notFound } from '@turnover/domain/errors';
import {
  isStarterReason,
  reasonCodes,
  reasons as starterReasons,
  type CreateReasonInput,
  type ReasonCode,
  type ReasonView,
  type Severity,
  type UpdateReasonInput,
} from '@turnover/domain/requests/reasons';
import type { PersonContext } from '../../context.ts';
import { changedFields, recordEdit, requireRevision, revisionsOf } from '../../edits.ts';
import { appendEvent } from '../../events.ts';

type Row = typeof reasons.$inferSelect;
type Words = Pick<ReasonView, 'name' | 'description' | 'prevention' | 'cure'>;
/** Returns the texts of an included reason in the reader's language. */
export type StarterWords = (code: ReasonCode) => Words;

/** All reasons, in the order of the menu. Includes archived ones, because older redeliveries refer to them. */
export function listReasons(db: Reader, starterWords: StarterWords): ReasonView[] {
  const found = allReasons(db);
  const revisions = revisionsOf(
    db,
    found.map(({ code }) => code),
  );
  return found.map(({ row, ...reason }) => {
    const own = row && ownWords(row);
    const words = own ?? (isStarterReason(reason.code) ? starterWords(reason.code) : emptyWords);
    const revision = revisions.get(reason.code) ?? 0;
    return { ...reason, ...words, revision, ownWords: own !== null && own !== undefined };
  });
}

/** The severity of each reason, keyed by code. */
export function severities(db: Reader): Map<string, Severity> {
  return new Map(allReasons(db).map(({ code, severity }) => [code, severity]));
}

/** Throws unless there is at least one reason, none is archived, and there is a comment when one requires it. */
export function requireReasons(db: Reader, codes: readonly string[], comment: string): void {
  if (codes.length === 0) throw new HubError('reason_required', 'Choose at least one reason.');
  const offered = new Map(
    allReasons(db)
      .filter(({ archived }) => !archived)
      .map((reason) => [reason.code, reason]),
  );
  const unknown = codes.find((code) => !offered.has(code));
  if (unknown !== undefined) {
    throw new HubError('invalid_input', 'One of these reasons does not exist, or is no longer offered.', {
      field: 'reasons',
      reason: unknown,
    });
  }
  const wordless = codes.find((code) => offered.get(code)!.textRequired);
  if (wordless !== undefined && comment === '') {
    throw new HubError('reason_required', 'This reason needs a comment.', {
      reason: wordless,
      field: 'comment',
    });
  }
}

/** The hub's own name of each reason, in the same order; empty where the included name applies. */
export function ownNamesOf(db: Reader, codes: readonly string[]): string[] {
  const own = new Map(allReasons(db).map(({ code, row }) => [code, row?.name ?? '']));
  return codes.map((code) => own.get(code) ?? '');
}

export function createReason(ctx: PersonContext, input: CreateReasonInput): string {
  return inTransaction(ctx.db, (tx) => {
    const last = tx
      .select({ position: max(reasons.position) })
      .from(reasons)
      .get()?.position;
    const code = ctx.newId('reason');
    tx.insert(reasons)
      .values({ ...input, code, position: Math.max(reasonCodes.length, (last ?? 0) + 1), ...stamp(ctx) })
      .run();
    signalReasons(tx, ctx);
    return code;
  });
}

/** Changes a reason. `words: null` restores the included texts. Throws `conflict` when it would archive the last reason. */
export function updateReason(ctx: PersonContext, input: UpdateReasonInput): void {
  inTransaction(ctx.db, (tx) => {
    const present = allReasons(tx).find(({ code }) => code === input.code);
    if (!present) throw notFound();
    if (input.words === null && !isStarterReason(input.code)) {
      throw new HubError('invalid_input', 'Your own reasons have no included texts to restore.', {
        field: 'words',
      });
    }
    const { code, row } = present;
    requireRevision(tx, ctx, { id: code, name: row?.name ?? code, projectId: null }, input.revision);
    const before = present.row ?? { name: null, description: null, prevention: null, cure: null };
    const words = input.words === undefined ? before : (input.words ?? noWords);
    const { name, description, prevention, cure } = words;
    const isArchived = input.archived ?? present.archived;
    const severity = input.severity ?? present.severity;
    const textRequired = input.textRequired ?? present.textRequired;
    const after = { severity, textRequired, archived: isArchived };
    recordEdit(tx, ctx, code, [
      ...changedFields(before, words, ['name', 'description', 'prevention', 'cure']),
      ...changedFields(present, after, ['severity', 'textRequired', 'archived']),
    ]);
    const values = {
      code: input.code,
      position: present.position,
      name,
      description,
      prevention,
      cure,
      severity,
      textRequired,
      archivedAt: isArchived ? (present.row?.archivedAt ?? ctx.clock()) : null,
      ...stamp(ctx),
    };
    if (isArchived && !allReasons(tx).some(({ code, archived }) => !archived && code !== input.code)) {
      throw new HubError(
        'conflict',
        'Nobody could ask for a redelivery without a reason. Keep at least one.',
      );
    }
    tx.insert(reasons).values(values).onConflictDoUpdate({ target: reasons.code, set: values }).run();
    signalReasons(tx, ctx);
  });
}

/** Sets the order. `codes` must name every reason once. */
export function orderReasons(ctx: PersonContext, codes: readonly string[]): void {
  inTransaction(ctx.db, (tx) => {
    const known = allReasons(tx);
    const isComplete =
      new Set(codes).size === known.length && known.every(({ code }) => codes.includes(code));
    if (!isComplete || codes.length !== known.length) {
      throw new HubError('invalid_input', 'The order must name every reason once.', { field: 'codes' });
    }
    for (const { row, code, severity, textRequired } of known) {
      const values = {
        code,
        severity,
        textRequired,
        position: codes.indexOf(code),
        ...(row ? {} : noWords),
        ...stamp(ctx),
      };
      tx.insert(reasons).values(values).onConflictDoUpdate({ target: reasons.code, set: values }).run();
    }
    signalReasons(tx, ctx);
  });
}

function signalReasons(tx: Transaction, { clock, person }: PersonContext): void {
  appendEvent(tx, clock, { kind: 'reasons.changed', actorId: person.id });
}

const emptyWords: Words = { name: '', description: '', prevention: '', cure: '' };
const noWords = { name: null, description: null, prevention: null, cure: null };

function stamp({ clock, person }: PersonContext) {
  return { updatedAt: clock(), updatedBy: person.id };
}

type Reason = Pick<ReasonView, 'code' | 'severity' | 'textRequired' | 'archived'> & {
  position: number;
  row: Row | undefined;
};

function allReasons(db: Reader): Reason[] {
  const rows = new Map(
    db
      .select()
      .from(reasons)
      .limit(1000)
      .all()
      .map((row) => [row.code, row]),
  );
  const starters = reasonCodes.map((code, position) => ({ code, position, ...starterReasons[code] }));
  const own = [...rows.values()].filter(({ code }) => !isStarterReason(code));
  return [...starters, ...own]
    .map(({ code, ...starter }) => {
      const row = rows.get(code);
      const { position, severity, textRequired } = row ?? starter;
      return { code, position, severity, textRequired, archived: (row?.archivedAt ?? null) !== null, row };
    })
    .sort((one, other) => one.position - other.position);
}

function ownWords({ name, description, prevention, cure }: Row): Words | null {
  return name === null
    ? null
    : { name, description: description ?? '', prevention: prevention ?? '', cure: cure ?? '' };
}
