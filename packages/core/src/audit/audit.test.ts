import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { commitTogether } from '@turnover/db/group-commit';
import { inTransaction } from '@turnover/db/transaction';
import { readCsv, withoutApostrophe } from '@turnover/domain/csv';
import { dayMs } from '@turnover/domain/days';
import { HubError } from '@turnover/domain/errors';
import {
  auditDetailsOf,
  auditFields,
  listAuditInput,
  maxAuditDetails,
  writeAuditDetails,
  type AuditSeal,
} from '@turnover/domain/server/audit';
import { hubKey } from '../hub-key.ts';
import { testHub, type TestHub } from '../testing/hub.ts';
import { writeAuditCsv, writeAuditLines } from './export.ts';
import { listAudit } from './list.ts';
import { recordTaken } from './reads.ts';
import { audited, recordAct, type Act } from './record.ts';
import { auditState, newestSeal, sealAuditLog } from './seals.ts';
import { allEntries, storedSeals, verifyAuditLog, type StoredEntry } from './verify.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await testHub();
  sql('insert into hub (id, created_at) values (?, 0)', hub.ctx.newId('hub'));
});
afterEach(() => hub.close());

function record(act: Partial<Act> = {}): void {
  inTransaction(hub.db, (tx) => recordAct(tx, hub.ctx, { action: 'members.setRole', actor: null, ...act }));
}

function fill(count: number): void {
  for (let index = 0; index < count; index++) record({ subject: `thing ${index}`, details: { index } });
}

const sql = (text: string, ...values: unknown[]) => hub.db.$client.prepare(text).run(...values);
const entries = () => [...allEntries(hub.db)];
const check = (kept: readonly AuditSeal[] = []) =>
  verifyAuditLog(allEntries(hub.db), [...storedSeals(hub.db), ...kept]);

describe('one act', () => {
  const act = (): Act => ({ action: 'projects.update', actor: null, details: { name: 'Two' } });
  const rename = (ctx: TestHub['ctx'], name: string) =>
    inTransaction(ctx.db, (tx) => void tx.run(`update projects set name = '${name}'`));

  beforeEach(() => void hub.createProject('One'));

  test('leaves one entry, with its first change', () => {
    const ctx = audited(hub.ctx, act);
    rename(ctx, 'Two');
    rename(ctx, 'Three');
    expect(entries()).toMatchObject([{ seq: 1, action: 'projects.update', area: 'settings', via: 'hub' }]);
  });

  test('leaves none when it changes nothing, fails, or only counts a guess', () => {
    const ctx = audited(hub.ctx, act);
    inTransaction(ctx.db, (tx) => void tx.run("update projects set name = 'x' where name = 'absent'"));
    const refused = () =>
      inTransaction(ctx.db, (tx) => {
        tx.run("update projects set name = 'x'");
        throw new HubError('conflict', 'Not now.');
      });
    expect(refused).toThrow('Not now.');
    inTransaction(ctx.db, (tx) => void tx.run("update projects set name = 'y'"), { isSideEffect: true });
    expect(entries()).toEqual([]);
    rename(ctx, 'Two');
    expect(entries()).toHaveLength(1);
  });

  test('leaves one in a commit that several callers share, and none for a refused one', async () => {
    const change = (name: string) => {
      const ctx = audited(hub.ctx, () => ({ ...act(), subject: name }));
      return commitTogether(ctx.db, (tx) => {
        tx.run(`update projects set name = '${name}'`);
        if (name === 'refused') throw new HubError('conflict', 'Not now.');
      });
    };
    await Promise.allSettled(['first', 'refused', 'second'].map(change));
    expect(entries().map(({ subject }) => subject)).toEqual(['first', 'second']);
  });
});

describe('what an entry holds', () => {
  test('keeps ids and terms, and counts other lists', () => {
    expect(
      auditDetailsOf('shares.create', {
        entryIds: ['ent_1'],
        people: ['a@example.test'],
        note: 'The secret ending',
        canShare: true,
        answers: [1, 2],
        selection: { allExcept: [], folderId: 'ent_2', name: 'hidden' },
        password: 'secret',
      }),
    ).toEqual({
      entryIds: ['ent_1'],
      people: ['a@example.test'],
      canShare: true,
      answers: 2,
      selection: { allExcept: [], folderId: 'ent_2' },
    });
  });

  test('names companies, but neither files nor requests', () => {
    expect(auditDetailsOf('companies.create', { name: 'Acme' })).toEqual({ name: 'Acme' });
    expect(auditDetailsOf('workspace.createFolder', { name: 'Ending' })).toEqual({});
    expect(auditDetailsOf('requests.create', { name: 'Ending' })).toEqual({});
  });

  test('has a bound', () => {
    const many = Array.from({ length: 5000 }, (_, index) => `ent_${index}`);
    const details = auditDetailsOf('shares.create', { entryIds: many, role: 'x'.repeat(9000) });
    expect(details.entryIds).toHaveLength(21);
    expect((details.entryIds as string[]).at(-1)).toBe('… 4980 more');
    expect(writeAuditDetails({ text: 'x'.repeat(9000) }).length).toBeLessThanOrEqual(maxAuditDetails);
  });

  test('is one line of printing characters, whatever was typed', () => {
    const typed = '\r\n2026 [forged] \u001b[2J \u202egpj.exe \u200b \u2028 "quoted" </script>';
    record({ details: { typed } });
    const { details } = entries()[0]!;
    // eslint-disable-next-line no-control-regex
    expect(details).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u200b-\u200f\u2028-\u202e]/);
    expect(JSON.parse(details)).toEqual({ typed });
  });

  test('refuses an action without an area', () => {
    expect(() => record({ action: 'novelties.create' })).toThrow('has no area');
  });
});

describe('the chain', () => {
  beforeEach(() => fill(12));

  test('holds', async () => {
    expect(await check()).toEqual({ entries: 12, sealed: 0, broken: null });
  });

  test.each(auditFields.filter((field) => field !== 'seq'))('finds a change of %s', async (field) => {
    const column = field.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
    sql(`update audit_entries set ${column} = ? where seq = 7`, field === 'at' ? 5 : 'other');
    expect(await check()).toMatchObject({ entries: 6, broken: { problem: 'changed', seq: 7 } });
  });

  test('finds a deleted entry, also the first', async () => {
    sql('delete from audit_entries where seq = 4');
    expect((await check()).broken).toEqual({ problem: 'missing', seq: 4 });
    sql('delete from audit_entries where seq = 1');
    expect((await check()).broken).toEqual({ problem: 'missing', seq: 1 });
  });

  test('finds a deleted entry when the later ones are counted anew', async () => {
    sql('delete from audit_entries where seq = 4');
    sql('update audit_entries set seq = -seq where seq > 4');
    sql('update audit_entries set seq = -seq - 1 where seq < 0');
    expect((await check()).broken).toEqual({ problem: 'changed', seq: 4 });
  });

  test('finds two entries in each other’s place', async () => {
    sql('update audit_entries set seq = -5 where seq = 5');
    sql('update audit_entries set seq = 5 where seq = 6');
    sql('update audit_entries set seq = 6 where seq = -5');
    expect((await check()).broken).toEqual({ problem: 'changed', seq: 5 });
  });

  test('finds an inserted entry', async () => {
    const first = entries()[0]!;
    sql(
      'insert into audit_entries select 13, at, area, action, actor_id, actor, via, via_id, address, project_id, subject, details, hash from audit_entries where seq = 1',
    );
    expect(first.seq).toBe(1);
    expect((await check()).broken).toEqual({ problem: 'changed', seq: 13 });
  });

  test('goes on from the same place in another process', () => {
    const before = entries().at(-1)!;
    record({ subject: 'next' });
    expect(entries().at(-1)!.seq).toBe(before.seq + 1);
  });
});

describe('seals', () => {
  const seal = () => sealAuditLog(hub.ctx);

  test('are made once a day, when something happened', () => {
    expect(seal()).toBeNull();
    const key = hubKey(hub.db).fingerprint;
    fill(3);
    const first = seal()!;
    expect(first).toMatchObject({ seq: 3, fingerprint: key });
    fill(1);
    hub.clock.advance(dayMs - 1);
    expect(seal()).toBeNull();
    hub.clock.advance(1);
    expect(seal()).toMatchObject({ seq: 4 });
    hub.clock.advance(dayMs);
    expect(seal()).toBeNull();
    expect(auditState(hub.ctx)).toEqual({ entries: 4, seal: newestSeal(hub.db) });
    const { seq, hash } = first;
    expect(hub.logged).toContainEqual({ level: 'info', event: 'audit.sealed', facts: { seq, hash } });
  });

  test('show a cut end, also when the seals of the database were cut with it', async () => {
    fill(5);
    const kept = seal()!;
    expect(await check([kept])).toEqual({ entries: 5, sealed: 5, broken: null });
    sql('delete from audit_entries where seq > 3');
    expect((await check()).broken).toEqual({ problem: 'cut', seq: 4 });
    sql('delete from audit_seals');
    expect((await check()).broken).toBeNull();
    expect((await check([kept])).broken).toEqual({ problem: 'cut', seq: 4 });
  });

  test('show a log that was written anew', async () => {
    fill(5);
    const kept = seal()!;
    sql('delete from audit_entries');
    sql('delete from audit_seals');
    for (let index = 0; index < 6; index++) record({ subject: `other ${index}` });
    expect((await check()).broken).toBeNull();
    expect((await check([kept])).broken).toEqual({ problem: 'not_sealed', seq: 5 });
  });

  test('count only with the signature of their key', async () => {
    fill(5);
    const kept = seal()!;
    const forged: Partial<AuditSeal>[] = [
      { at: kept.at + 1 },
      { signature: Buffer.alloc(64).toString('base64') },
      { signature: 'not base64' },
      { publicKey: 'not a key' },
      { fingerprint: '0'.repeat(64) },
    ];
    for (const changed of forged) {
      expect((await check([{ ...kept, ...changed }])).broken).toEqual({ problem: 'forged', seq: 5 });
    }
  });
});

test('200 tamperings are found, each with its first broken entry or a cut end', async () => {
  fill(40);
  sealAuditLog(hub.ctx);
  const whole = entries();
  const seals = storedSeals(hub.db);
  let seed = 1;
  const random = (below: number) => {
    seed = (seed * 48271) % 2147483647;
    return seed % below;
  };
  const tamper: ((log: StoredEntry[], at: number) => StoredEntry[])[] = [
    (log, at) => log.with(at, { ...log[at]!, details: `{"index":${at + 100}}` }),
    (log, at) => log.with(at, { ...log[at]!, actor: 'mallory@example.test' }),
    (log, at) => log.with(at, { ...log[at]!, hash: log[(at + 1) % log.length]!.hash }),
    (log, at) => log.toSpliced(at, 1),
    (log, at) => log.slice(0, at),
    (log, at) => (at === 0 ? log.toReversed() : log.with(at, log[at - 1]!).with(at - 1, log[at]!)),
  ];
  for (let trial = 0; trial < 200; trial++) {
    const at = random(whole.length);
    const { broken } = await verifyAuditLog(tamper[trial % tamper.length]!(whole, at), seals);
    expect(broken, `trial ${trial} at ${at}`).not.toBeNull();
    expect([at, at + 1, 1]).toContain(broken!.seq);
  }
});

describe('the list', () => {
  const list = (filter: Record<string, unknown> = {}) => listAudit(hub.ctx, listAuditInput.parse(filter));
  const subjects = async (filter: Record<string, unknown>) =>
    (await list(filter)).entries.map(({ subject }) => subject);

  test('returns pages, newest first', async () => {
    fill(5);
    const first = await list({ limit: 2 });
    expect(first.entries.map(({ seq }) => seq)).toEqual([5, 4]);
    const second = await list({ limit: 2, before: first.next! });
    const third = await list({ limit: 2, before: second.next! });
    expect(third.entries.map(({ seq }) => seq)).toEqual([1]);
    expect(third.next).toBeNull();
    expect(await listAudit((await testHub()).ctx, listAuditInput.parse({}))).toEqual({
      entries: [],
      next: null,
      filtered: { actor: null, project: null },
    });
  });

  test('names the person and the project of its filter, also when nothing matches', async () => {
    const project = hub.createProject('Northern Light');
    const ana = hub.createPerson();
    record({ actor: ana });
    const { entries, filtered } = await list({ actorId: ana.id, projectId: project.id, text: 'nothing' });
    expect(entries).toEqual([]);
    expect(filtered).toEqual({ actor: ana.email, project: 'Northern Light' });
    const unknown = { actorId: `usr_${'a'.repeat(26)}`, projectId: `prj_${'a'.repeat(26)}` };
    expect((await list(unknown)).filtered).toEqual({ actor: null, project: null });
  });

  test('filters by area, person, project, time and text, and all of them together', async () => {
    const project = hub.createProject('Northern Light');
    const ana = hub.createPerson();
    record({ subject: 'one', actor: ana });
    hub.clock.advance(1000);
    record({ subject: 'two', projectId: project.id, action: 'shares.revoke' });
    hub.clock.advance(1000);
    record({ subject: 'three', projectId: project.id, actor: ana, details: { role: '100%_sure' } });
    const { now } = hub.clock;
    expect(await subjects({ area: 'shares' })).toEqual(['two']);
    expect(await subjects({ actorId: ana.id })).toEqual(['three', 'one']);
    expect(await subjects({ projectId: project.id })).toEqual(['three', 'two']);
    expect(await subjects({ from: now - 1000 })).toEqual(['three', 'two']);
    expect(await subjects({ to: now })).toEqual(['two', 'one']);
    expect(await subjects({ from: now + 1 })).toEqual([]);
    expect(await subjects({ text: '0%_s' })).toEqual(['three']);
    expect(await subjects({ text: ana.email.toUpperCase() })).toEqual(['three', 'one']);
    expect(await subjects({ actorId: ana.id, projectId: project.id, from: now - 1000, text: 'set' })).toEqual(
      ['three'],
    );
    const [entry] = (await list({ area: 'shares' })).entries;
    expect(entry!.project).toEqual({ id: project.id, name: 'Northern Light' });
  });
});

test('each thing, person and day has one entry of a download', () => {
  const ana = hub.as(hub.createPerson());
  const bob = hub.as(hub.createPerson());
  const take = (ctx = ana, subject = 'file 1') => recordTaken(ctx, { action: 'downloads.start', subject });
  for (let range = 0; range < 20; range++) take();
  take(bob);
  take(ana, 'file 2');
  expect(
    entries().map(({ subject, actorId }) => `${subject} ${actorId === ana.person.id ? 'ana' : 'bob'}`),
  ).toEqual(['file 1 ana', 'file 1 bob', 'file 2 ana']);
  hub.clock.advance(dayMs);
  take();
  expect(entries()).toHaveLength(4);
});

describe('exports', () => {
  async function all(pieces: AsyncIterable<string>): Promise<string> {
    let text = '';
    for await (const piece of pieces) text += piece;
    return text;
  }

  test('as CSV run no formulas and keep each entry in one record', async () => {
    record({ subject: '=HYPERLINK("http://evil")', details: { text: 'a"b,\r\nc' } });
    record({ subject: '@SUM(1)' });
    const read = readCsv(await all(writeAuditCsv(hub.ctx, {})));
    if ('problem' in read) throw new Error(read.problem);
    const [head, first, second] = read.records.map(({ cells }) => cells);
    const at = head!.indexOf('subject');
    expect(read.records).toHaveLength(3);
    expect(first![at]).toMatch(/^'=/);
    expect(withoutApostrophe(second![at]!)).toBe('@SUM(1)');
  });

  test('as lines of JSON can be verified without the database', async () => {
    fill(2500);
    const lines = (await all(writeAuditLines(hub.ctx, {}))).trim().split('\n');
    const log = lines.map((line) => JSON.parse(line) as StoredEntry);
    expect(log).toHaveLength(2500);
    expect(await verifyAuditLog(log, [])).toMatchObject({ entries: 2500, broken: null });
    expect(log).toEqual(entries());
  });

  test('come in pieces of a bounded size', async () => {
    fill(2500);
    const sizes: number[] = [];
    for await (const piece of writeAuditLines(hub.ctx, {})) sizes.push(piece.split('\n').length - 1);
    expect(sizes).toEqual(Array<number>(10).fill(250));
  });

  test('hold what the filter says', async () => {
    fill(3);
    record({ action: 'shares.revoke' });
    expect((await all(writeAuditLines(hub.ctx, { area: 'shares' }))).trim().split('\n')).toHaveLength(1);
  });
});
