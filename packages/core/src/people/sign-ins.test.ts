import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { notifications } from '@turnover/db/schema/notifications';
import { sessionLimits } from '@turnover/domain/people/accounts';
import { signInsKeptMs } from '@turnover/domain/people/sign-ins';
import { createOwner } from './accounts.ts';
import type { Person, PersonContext } from '../context.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { authenticate, beginSession, signIn, signOut } from './sign-in.ts';
import {
  endAnySignIn,
  endOtherSignIns,
  endSignIn,
  endSignInsOf,
  listAllSignIns,
  listSignIns,
  pruneSignIns,
} from './sign-ins.ts';

const password = 'a long enough password';
const firefox = 'Mozilla/5.0 (Macintosh; Intel Mac OS X 10.15; rv:145.0) Gecko/20100101 Firefox/145.0';
const chrome = 'Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/142.0.0.0 Safari/537.36';
const day = 24 * 3600_000;

let hub: TestHub;
let olga: Person;
let ana: Person;
beforeEach(async () => {
  hub = await testHub();
  olga = await createOwner(hub.ctx, { name: 'Olga', email: 'olga@example.test', password });
  ana = hub.createPerson({ name: 'Ana' });
  // Lucia uses the system clock.
  vi.useFakeTimers({ toFake: ['Date'], now: hub.clock.now });
});
afterEach(() => {
  vi.useRealTimers();
  hub.close();
});

function advance(ms: number): void {
  hub.clock.advance(ms);
  vi.setSystemTime(hub.clock.now);
}

/** Signs in by a link, from this address. */
type From = { userAgent?: string; address?: string; device?: string | null };
async function begin(
  person: Person,
  { userAgent = firefox, address = '192.0.2.7', device = null }: From = {},
) {
  const ctx = { ...hub.ctx, caller: { via: 'page', viaId: null, address } as const };
  const begun = await beginSession(ctx, person, { address, userAgent, device });
  const sessionId = (await authenticate(hub.ctx, { sessionToken: begun.token }))?.sessionId;
  return { ...begun, ctx: { ...hub.as(person), sessionId } satisfies PersonContext };
}
const isSignedIn = async ({ token }: { token: string }) =>
  (await authenticate(hub.ctx, { sessionToken: token })) !== null;
const everything = { inForce: false, limit: 100 };
const all = (input = {}) => listAllSignIns(hub.as(olga), { ...everything, ...input }).signIns;

describe('a person', () => {
  test('sees where they are signed in, and since when', async () => {
    const { ctx } = await begin(ana);
    advance(3600_000);
    await begin(ana, { userAgent: chrome, address: '198.51.100.4' });
    await begin(olga);
    const began = hub.clock.now - 3600_000;
    expect(listSignIns(ctx)).toMatchObject([
      { browser: 'Chrome', system: 'Linux', address: '198.51.100.4', isCurrent: false, method: 'link' },
      { browser: 'Firefox', system: 'macOS', createdAt: began, lastUsedAt: began, isCurrent: true },
    ]);
  });

  test('sees when a sign-in was last used, and no longer when it has expired', async () => {
    const here = await begin(ana);
    advance(6 * 60_000);
    await isSignedIn(here);
    expect(listSignIns(here.ctx)).toMatchObject([{ lastUsedAt: hub.clock.now }]);
    advance(sessionLimits.idleMs);
    expect(listSignIns(here.ctx)).toEqual([]);
    expect(all()).toMatchObject([{ endedBy: 'expired' }]);
    expect(await isSignedIn(here)).toBe(false);
    expect(all()).toMatchObject([{ endedBy: 'expired', endedAt: hub.clock.now }]);
  });

  test('ends one, or all others', async () => {
    const [here, there, anywhere] = [await begin(ana), await begin(ana), await begin(ana)];
    const { id } = listSignIns(there.ctx).find(({ isCurrent }) => isCurrent)!;
    endSignIn(here.ctx, id);
    expect(await isSignedIn(there)).toBe(false);
    expect(endOtherSignIns(here.ctx)).toEqual({ ended: 1 });
    expect(await isSignedIn(anywhere)).toBe(false);
    expect(await isSignedIn(here)).toBe(true);
    expect(() => endSignIn(here.ctx, id)).toThrow(expect.objectContaining({ code: 'not_found' }));
  });

  test('does not find those of others', async () => {
    const [anas, olgas] = [await begin(ana), await begin(olga)];
    const [{ id } = { id: '' }] = listSignIns(anas.ctx);
    expect(() => endSignIn(olgas.ctx, id)).toThrow(expect.objectContaining({ code: 'not_found' }));
    endOtherSignIns(olgas.ctx);
    expect(await isSignedIn(anas)).toBe(true);
  });
});

describe('an owner of the hub', () => {
  test('sees everybody’s, in pages, with how they ended', async () => {
    const first = await begin(ana);
    signOut(hub.ctx, first.token);
    advance(1);
    await begin(olga);
    advance(1);
    await begin(ana);
    const page = listAllSignIns(hub.as(olga), { inForce: false, limit: 2 });
    expect(page.signIns.map(({ person }) => person.name)).toEqual(['Ana', 'Olga']);
    const { next } = page;
    expect(listAllSignIns(hub.as(olga), { inForce: false, limit: 2, before: next! })).toMatchObject({
      signIns: [{ person: { email: ana.email }, endedBy: 'signedOut' }],
      next: null,
    });
    expect(all({ inForce: true })).toHaveLength(2);
    expect(all({ userId: olga.id })).toHaveLength(1);
  });

  test('ends one of anybody, or all of a person', async () => {
    const [one, two, own] = [await begin(ana), await begin(ana), await begin(olga)];
    const { id } = listSignIns(one.ctx).find(({ isCurrent }) => isCurrent)!;
    endAnySignIn(own.ctx, id);
    expect(await isSignedIn(one)).toBe(false);
    expect(() => endAnySignIn(own.ctx, id)).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(endSignInsOf(own.ctx, ana.id)).toEqual({ ended: 1 });
    expect(await isSignedIn(two)).toBe(false);
    expect(endSignInsOf(own.ctx, olga.id)).toEqual({ ended: 0 });
    expect(await isSignedIn(own)).toBe(true);
    const nobody = () => endSignInsOf(own.ctx, hub.ctx.newId('user'));
    expect(nobody).toThrow(expect.objectContaining({ code: 'not_found' }));
    expect(all({ userId: ana.id }).map(({ endedBy }) => endedBy)).toEqual(['owner', 'owner']);
  });
});

test('ended sign-ins are deleted after half a year, except the latest of each person', async () => {
  for (const person of [ana, ana, olga]) {
    signOut(hub.ctx, (await begin(person)).token);
    advance(1);
  }
  await begin(ana);
  advance(signInsKeptMs - day);
  expect(pruneSignIns(hub.ctx)).toBe(0);
  advance(2 * day);
  expect(pruneSignIns(hub.ctx)).toBe(2);
  expect(all().map(({ person }) => person.name)).toEqual(['Ana', 'Olga']);
});

describe('the notice about a new browser', () => {
  const notices = (person: Person) =>
    hub.db
      .select()
      .from(notifications)
      .all()
      .filter(({ kind, userId }) => kind === 'account.newDevice' && userId === person.id);

  test('comes by mail when somebody signs in with a browser that never did', async () => {
    const { device } = await begin(ana);
    await begin(ana, { device });
    expect(notices(ana)).toEqual([]);
    await begin(ana, { userAgent: chrome, address: '198.51.100.4' });
    expect(notices(ana)).toMatchObject([
      {
        email: ana.email,
        data: { browser: 'Chrome', system: 'Linux', address: '198.51.100.4', at: hub.clock.now },
      },
    ]);
    expect(notices(ana)[0]?.mailDueAt).toBeGreaterThan(hub.clock.now);
  });

  test('comes for a cookie that another person’s browser has', async () => {
    const { device } = await begin(olga);
    await begin(ana);
    await begin(ana, { device });
    expect(notices(ana)).toHaveLength(1);
  });

  test('comes for a person whose earlier sign-ins are only in the audit log', async () => {
    await begin(ana);
    hub.db.$client.exec('delete from sessions; delete from sign_ins; delete from known_origins');
    await begin(ana);
    expect(notices(ana)).toHaveLength(1);
  });

  test('does not come for a refused sign-in', async () => {
    await begin(olga);
    const typed = { email: olga.email, password: 'wrong' };
    await expect(signIn(hub.ctx, typed, { address: null, userAgent: chrome })).rejects.toThrow();
    expect(notices(olga)).toEqual([]);
  });
});
