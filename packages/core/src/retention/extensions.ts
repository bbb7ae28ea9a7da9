/** Extensions of a Workspace: its owner asks for more time with a reason, and a coordinator grants or declines it. */
import { and, asc, eq } from 'drizzle-orm';
import type { z } from 'zod';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { retentionExtensions } from '@turnover/db/schema/retention';
import { inTransaction } from '@turnover/db/transaction';
import { startOfDay } from '@turnover/domain/days';
import { HubError, notFound } from '@turnover/domain/errors';
import type { EventData } from '@turnover/domain/events';
import type {
  askForExtensionInput,
  declineExtensionInput,
  ExtensionView,
  extensionIdInput,
  grantExtensionInput,
} from '@turnover/domain/workspace/retention';
import type { PersonContext } from '../context.ts';
import { appendEvent } from '../events.ts';
import { notify } from '../notifications/inbox.ts';
import { coordinatorsOf, type Addressee } from '../requests/people.ts';
import { expiresAtOf, viewExtensions, type Extension } from './ends.ts';

const maxListed = 500;

export function askForExtension(
  ctx: PersonContext,
  { projectId, reason }: z.output<typeof askForExtensionInput>,
): ExtensionView {
  const { id: userId, name: person } = ctx.person;
  const asked = inTransaction(ctx.db, (tx) => {
    if (expiresAtOf(tx, projectId, userId) === null) {
      throw new HubError('conflict', 'Nothing expires in this project: it has no launch date.');
    }
    const isWaiting = and(
      eq(retentionExtensions.userId, userId),
      eq(retentionExtensions.projectId, projectId),
      eq(retentionExtensions.status, 'asked'),
    );
    if (tx.select().from(retentionExtensions).where(isWaiting).get()) {
      throw new HubError('conflict', 'You have already asked for more time. Withdraw that first.');
    }
    const row = tx
      .insert(retentionExtensions)
      .values({
        id: ctx.newId('extension'),
        projectId,
        userId,
        reason,
        status: 'asked',
        askedAt: ctx.clock(),
      })
      .returning()
      .get();
    for (const coordinator of coordinatorsOf(tx, projectId)) {
      if (coordinator.id === userId) continue;
      const data = { person, reason, href: `/p/${projectId}/people#extensions` };
      notifyPerson(tx, ctx, projectId, coordinator, 'retention.asked', data);
    }
    signalChange(tx, ctx, projectId);
    return row;
  });
  return viewExtensions(ctx.db, [asked])[0]!;
}

/** Withdraws a question. For the person who asked it. */
export function withdrawExtension(
  ctx: PersonContext,
  { projectId, extensionId }: z.output<typeof extensionIdInput>,
): void {
  inTransaction(ctx.db, (tx) => {
    const extension = requireExtension(tx, projectId, extensionId);
    if (extension.userId !== ctx.person.id) throw notFound();
    settle(tx, ctx, requireAsked(tx, projectId, extensionId), { status: 'withdrawn' });
  });
}

/** Unanswered questions, oldest first. */
export function listAskedExtensions(ctx: PersonContext, projectId: string): ExtensionView[] {
  const rows = ctx.db
    .select()
    .from(retentionExtensions)
    .where(and(eq(retentionExtensions.projectId, projectId), eq(retentionExtensions.status, 'asked')))
    .orderBy(asc(retentionExtensions.id))
    .limit(maxListed)
    .all();
  return viewExtensions(ctx.db, rows);
}

/** Throws `expiry_refused` unless `until` is in the future and later than the present end. */
export function grantExtension(ctx: PersonContext, input: z.output<typeof grantExtensionInput>): void {
  const { projectId, extensionId, answer } = input;
  const until = startOfDay(input.until, input.timeZone);
  inTransaction(ctx.db, (tx) => {
    const extension = requireAsked(tx, projectId, extensionId);
    if (until <= ctx.clock()) {
      throw new HubError('expiry_refused', 'That day has already begun. Choose a later one.', {
        why: 'past',
      });
    }
    const present = expiresAtOf(tx, projectId, extension.userId);
    if (present !== null && until <= present) {
      throw new HubError('expiry_refused', 'The Workspace is already kept for longer.', {
        why: 'earlier',
        until: present,
      });
    }
    settle(tx, ctx, extension, { status: 'granted', until, answer });
    notifyAsker(tx, ctx, extension, 'retention.granted', { until, answer });
  });
}

export function declineExtension(ctx: PersonContext, input: z.output<typeof declineExtensionInput>): void {
  const { projectId, extensionId, answer } = input;
  inTransaction(ctx.db, (tx) => {
    const extension = requireAsked(tx, projectId, extensionId);
    settle(tx, ctx, extension, { status: 'declined', answer });
    notifyAsker(tx, ctx, extension, 'retention.declined', { answer });
  });
}

type Decision = Partial<Pick<Extension, 'status' | 'until' | 'answer'>>;

function settle(tx: Transaction, ctx: PersonContext, { id, projectId }: Extension, decision: Decision): void {
  tx.update(retentionExtensions)
    .set({ ...decision, decidedAt: ctx.clock(), decidedBy: ctx.person.id })
    .where(and(eq(retentionExtensions.id, id), eq(retentionExtensions.status, 'asked')))
    .run();
  signalChange(tx, ctx, projectId);
}

/** Loads an unanswered question. Throws `conflict` when somebody else has answered it already. */
function requireAsked(tx: Transaction, projectId: string, extensionId: string): Extension {
  const extension = requireExtension(tx, projectId, extensionId);
  if (extension.status === 'asked') return extension;
  throw new HubError('conflict', 'This question was already answered.');
}

function requireExtension(tx: Transaction, projectId: string, extensionId: string): Extension {
  const extension = tx
    .select()
    .from(retentionExtensions)
    .where(and(eq(retentionExtensions.id, extensionId), eq(retentionExtensions.projectId, projectId)))
    .get();
  if (!extension) throw notFound();
  return extension;
}

type Recipient = Pick<Addressee, 'id' | 'email'>;

function notifyAsker(
  tx: Transaction,
  ctx: PersonContext,
  { projectId, userId }: Extension,
  kind: 'retention.granted' | 'retention.declined',
  data: EventData,
): void {
  const asker = tx.select().from(users).where(eq(users.id, userId)).get()!;
  notifyPerson(tx, ctx, projectId, asker, kind, { ...data, href: `/p/${projectId}/workspace` });
}

function notifyPerson(
  tx: Transaction,
  ctx: PersonContext,
  projectId: string,
  { id: userId, email }: Recipient,
  kind: 'retention.asked' | 'retention.granted' | 'retention.declined',
  data: EventData,
): void {
  notify(tx, ctx, { userId, email, kind, projectId, actorId: ctx.person.id, data });
}

/** Reloads the pages of everybody in the project without naming anybody: each page then loads what its person may see. */
function signalChange(tx: Transaction, ctx: PersonContext, projectId: string): void {
  appendEvent(tx, ctx.clock, { kind: 'retention.changed', projectId });
}
