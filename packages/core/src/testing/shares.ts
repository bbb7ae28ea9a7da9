/** Test data: a Workspace with folders and files, and people to share it with. */
import {
  createShareInput,
  listSharedInput,
  type CreatedSharesView,
  type CreateShareInput,
} from '@turnover/domain/workspace/shares';
import { eq } from 'drizzle-orm';
import { notifications } from '@turnover/db/schema/notifications';
import { inTransaction } from '@turnover/db/transaction';
import type { z } from 'zod';
import type { Person, PersonContext } from '../context.ts';
import { loadEntry } from '../entries/access.ts';
import { createInvitation, newMailedInvitation } from '../projects/invitations.ts';
import { listShares } from '../shares/list.ts';
import { listReceived } from '../shares/received.ts';
import { sharing } from '../shares/create.ts';
import type { TestHub } from './hub.ts';
import { requestScene } from './requests.ts';
import { createFolder } from '../workspace/workspace.ts';

export type ShareScene = Awaited<ReturnType<typeof shareScene>>;

export function mailedSecret({ db, ctx }: TestHub, invitationId: string): string {
  return inTransaction(db, (tx) => newMailedInvitation(tx, ctx, invitationId))!;
}

/** Runs the generator without a pause, because nothing else runs while test data is created. */
function createSharesAtOnce(ctx: PersonContext, input: CreateShareInput): CreatedSharesView {
  const work = sharing(ctx, input);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

export async function shareScene(options: { onDisk?: boolean } = {}) {
  const scene = await requestScene(options);
  const { hub, project } = scene;
  const bluedoor = hub.createCompany('Blue Door Sound');
  const member = (name: string, companyId?: string) =>
    hub.createPerson({ name, project, role: 'partner', ...(companyId ? { companyId } : {}) });
  const [pat, cora, tomas] = [member('Pat', bluedoor.id), member('Cora'), member('Tomas')];
  const stranger = hub.createPerson({ name: 'Stranger' });
  const colleague = hub.createPerson({ name: 'June', companyId: bluedoor.id });
  const owner = hub.as(pat);

  const folder = (name: string, parentId: string | null = null, ctx: PersonContext = owner) =>
    createFolder(ctx, { projectId: project.id, parentId, name }).id;
  const file = (name: string, parentId: string | null = null, person = pat) =>
    scene.createEntry(person, name, { parentId, assetId: scene.createAsset(name) });

  function share(
    entryId: string,
    person: Person | string,
    more: Partial<CreateShareInput> = {},
    ctx = owner,
  ) {
    const email = typeof person === 'string' ? person : person.email;
    const input: z.input<typeof createShareInput> = {
      projectId: project.id,
      entryIds: [entryId],
      people: [email],
      ...more,
    };
    createSharesAtOnce(ctx, createShareInput.parse(input));
    const [made] = sharesOf(entryId, ctx).filter(({ grantee }) => grantee.email === email.toLowerCase());
    return made!;
  }

  function sharesOf(entryId: string, ctx = owner) {
    const { shares, inherited } = listShares(ctx, loadEntry(hub.db, ctx, entryId));
    return [...shares, ...inherited];
  }

  function invitationOf(email: string, companyId: string | null) {
    const input = { projectId: project.id, email, companyId, role: 'partner' } as const;
    return createInvitation(hub.as(scene.people.coordinator), input);
  }

  return {
    ...scene,
    bluedoor,
    pat,
    cora,
    tomas,
    stranger,
    colleague,
    owner,
    folder,
    file,
    share,
    sharesOf,
    idOf: (name: string) =>
      hub.db.$client.prepare('select id from entries where name = ?').pluck().get(name) as string,
    received: (person: Person) =>
      listReceived(hub.as(person), listSharedInput.parse({ projectId: project.id })).entries,
    notificationsFor: (email: string) =>
      hub.db
        .select()
        .from(notifications)
        .where(eq(notifications.email, email))
        .orderBy(notifications.id)
        .all(),
    /** Returns the secret of a mailed link. Whoever has it reads mail at the address. */
    invite(email: string, companyId: string | null = null): string {
      return mailedSecret(hub, invitationOf(email, companyId).id);
    },
    /** Returns the secret of the link that the inviter is shown. It proves no address. */
    inviteByLink(email: string, companyId: string | null = null): string {
      return invitationOf(email, companyId).path.slice('/invitation/'.length);
    },
  };
}
