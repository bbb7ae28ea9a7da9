/** Notifications about shares. A share that ends before a mail is sent is removed from the mail. */
import { and, eq, isNotNull, sql } from 'drizzle-orm';
import type { Transaction } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { notifications } from '@turnover/db/schema/notifications';
import type { CreateShareInput } from '@turnover/domain/workspace/shares';
import type { Entry } from '../access.ts';
import type { Context, Person, PersonContext } from '../context.ts';
import { folderOf } from '../entries/lookup.ts';
import { notify, reviseUnseen } from '../notifications/inbox.ts';
import type { Share } from './access.ts';
import type { Recipient } from './recipients.ts';

const maxNames = 5;
/** The most claims in one notification. With more, it refers to the Users tab. */
const maxClaims = 100;

type Named = Linked & Pick<Entry, 'name'>;

/** Sends one notification for everything that somebody shared at once. */
export function notifyReceived(
  tx: Transaction,
  ctx: PersonContext,
  { userId, email }: Pick<Recipient, 'userId' | 'email'>,
  given: readonly { entry: Named; shareId: string }[],
  {
    projectId,
    note,
    canShare,
    canUpdate,
    expiresOn,
  }: Pick<CreateShareInput, 'projectId' | 'note' | 'canShare' | 'canUpdate' | 'expiresOn'>,
): void {
  notify(tx, ctx, {
    userId,
    email,
    kind: 'share.received',
    projectId,
    actorId: ctx.person.id,
    data: {
      entries: given.slice(0, maxNames).map(({ entry }) => entry.name),
      count: given.length,
      shareIds: given.map(({ shareId }) => shareId),
      note,
      canShare,
      canUpdate,
      expiresOn,
      pending: userId === null,
      href: given.length === 1 ? hrefOf(given[0]!.entry) : `/p/${projectId}/workspace?shared`,
    },
  });
}

export type Claim = { share: Share; entry: Entry };

/** Asks each sharer once, for all their shares in a project, whether the claimant is the person they meant. */
export function notifyClaim(tx: Transaction, ctx: Context, person: Person, claims: readonly Claim[]): void {
  const asked = Map.groupBy(claims, ({ share }) => `${share.sharerId} ${share.projectId}`);
  for (const claimed of asked.values()) {
    const [{ share, entry }] = claimed as [Claim];
    const { email } = tx.select().from(users).where(eq(users.id, share.sharerId)).get()!;
    notify(tx, ctx, {
      userId: share.sharerId,
      email,
      kind: 'share.joined',
      projectId: share.projectId,
      actorId: person.id,
      data: {
        entry: entry.name,
        count: claimed.length,
        shareIds: claimed.map((each) => each.share.id).slice(0, maxClaims),
        claimantId: person.id,
        email: person.email,
        invited: share.granteeEmail,
        href: claimed.length === 1 ? hrefFor(tx, share.sharerId, entry) : `/p/${share.projectId}/workspace`,
      },
    });
  }
}

export function notifyReminder(tx: Transaction, ctx: PersonContext, share: Share, entry: Named): void {
  notify(tx, ctx, {
    userId: share.granteeId,
    email: share.granteeEmail,
    kind: 'share.reminder',
    projectId: share.projectId,
    actorId: ctx.person.id,
    data: { entry: entry.name, shareIds: [share.id], note: share.note, href: hrefOf(entry) },
  });
}

export function notifyEnded(tx: Transaction, ctx: PersonContext, share: Share, entry: Named): void {
  if (!share.granteeId) return;
  notify(tx, ctx, {
    userId: share.granteeId,
    email: share.granteeEmail,
    kind: 'share.ended',
    projectId: share.projectId,
    actorId: ctx.person.id,
    data: { entry: entry.name, shareId: share.id, href: `/p/${share.projectId}/workspace?shared` },
  });
}

/**
 * Deletes the notification that a share ended, when that was undone. Returns false when the grantee may have read it or got
 * none.
 */
export function withdrawEnded(tx: Transaction, ctx: PersonContext, share: Share): boolean {
  const { granteeId: userId, projectId } = share;
  if (userId === null) return false;
  const ended = { userId, kind: 'share.ended', projectId, actorId: ctx.person.id } as const;
  return reviseUnseen(tx, ctx, ended, (data) => (data.shareId === share.id ? null : data)) > 0;
}

/** Removes ended shares, with their names and notes, from unsent mails. A mail that has nothing left is not sent. */
export function withdrawMails(tx: Transaction, { id, granteeEmail }: Share): void {
  const waiting = tx
    .select()
    .from(notifications)
    .where(
      and(
        eq(notifications.email, granteeEmail),
        isNotNull(notifications.mailDueAt),
        sql`exists (select 1 from json_each(${notifications.data}, '$.shareIds') where value = ${id})`,
      ),
    )
    .all();
  for (const { id: notificationId, data } of waiting) {
    const [shareIds, names = []] = [data.shareIds, data.entries] as [string[], string[] | undefined];
    const index = shareIds.indexOf(id);
    const left = shareIds.toSpliced(index, 1);
    const rest = { entries: names.filter((_, at) => at !== index), count: left.length, shareIds: left };
    tx.update(notifications)
      .set(left.length > 0 ? { data: { ...data, ...rest } } : { mailDueAt: null })
      .where(eq(notifications.id, notificationId))
      .run();
  }
}

type Linked = Pick<Entry, 'id' | 'kind' | 'projectId'>;

/** The page where a grantee finds the entry: the folder itself, or for a file the list that contains it. */
export function hrefOf({ id, kind, projectId }: Linked): string {
  const base = `/p/${projectId}/workspace`;
  return kind === 'folder' ? `${base}/${id}` : `${base}?shared&entry=${id}`;
}

/** The page where this person finds the entry: for its owner the folder, for others the shared entries. */
export function hrefFor(
  tx: Transaction,
  userId: string,
  entry: Linked & Pick<Entry, 'ownerId' | 'parentId'>,
): string {
  return userId === entry.ownerId ? ownHrefOf(tx, entry) : hrefOf(entry);
}

/** The page where its owner finds an entry. */
export function ownHrefOf(
  tx: Transaction,
  { id, kind, projectId, parentId }: Linked & Pick<Entry, 'parentId'>,
): string {
  if (kind === 'folder') return hrefOf({ id, kind, projectId });
  const folderId = folderOf(tx, { parentId });
  return `/p/${projectId}/workspace${folderId === null ? '' : `/${folderId}`}?entry=${id}`;
}
