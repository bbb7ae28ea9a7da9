import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { authenticate, signIn } from '@turnover/core/people/sign-in';
import { resetPassword } from '@turnover/core/people/links';
import { loadConfig } from '@turnover/config/config';
import { lockDataFolder } from '@turnover/db/instance-lock';
import { openDatabase } from '@turnover/db/open';
import { run } from './run.ts';
import { withHub } from './with-hub.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-cli-'));
  folder = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

async function call(line: string, env: Record<string, string> = {}) {
  const told: string[] = [];
  const complained: string[] = [];
  const output = {
    tell: (text: string) => told.push(text),
    complain: (text: string) => complained.push(text),
  };
  const code = await run(line.split(' ').filter(Boolean), { TURNOVER_DATA: folder, ...env }, output);
  return { code, told: told.join('\n'), complained: complained.join('\n') };
}

const config = () => loadConfig({ TURNOVER_DATA: folder });

describe('people', () => {
  test('an owner is added to an empty data folder and chooses a password by the printed link', async () => {
    const { code, told } = await call('user add Olga@example.test --name Olga --owner');
    expect(code).toBe(0);
    expect(told).toMatch(/^http:\/\/127\.0\.0\.1:3000\/reset\/[\w-]{43}$/);
    const password = 'a long enough password';
    await withHub(config(), async (ctx) => {
      await resetPassword(ctx, told.split('/').at(-1)!, password);
      const { token } = await signIn(
        ctx,
        { email: 'olga@example.test', password },
        { address: '', userAgent: '' },
      );
      const signedIn = await authenticate(ctx, { sessionToken: token });
      expect(signedIn?.person).toMatchObject({ name: 'Olga', isOwner: true });
    });
  });

  test('links lead to where people reach the hub', async () => {
    await call('user add ana@example.test');
    const reset = (env: Record<string, string>) => call('user reset-password ana@example.test', env);
    expect((await reset({ TURNOVER_URL: 'https://turnover.example' })).told).toMatch(
      /^https:\/\/turnover\.example\/reset\//,
    );
    expect((await reset({ HOST: '0.0.0.0', PORT: '8080' })).told).toMatch(
      /^http:\/\/localhost:8080\/reset\//,
    );
    expect((await reset({ HOST: '::1' })).told).toMatch(/^http:\/\/\[::1\]:3000\/reset\//);
  });

  test('a token acts as its person', async () => {
    await call('user add ana@example.test');
    const { code, told } = await call('token create ana@example.test --name script');
    expect(code).toBe(0);
    await withHub(config(), async (ctx) => {
      const found = await authenticate(ctx, { authorization: `Bearer ${told}` });
      expect(found).toMatchObject({ via: 'token', person: { email: 'ana@example.test', isOwner: false } });
    });
  });

  test('works beside a running web process', async () => {
    await call('user add ana@example.test');
    const lock = lockDataFolder(folder);
    expect(await call('token create ana@example.test')).toMatchObject({ code: 0 });
    lock.release();
  });

  test.each([
    ['user add ana@example.test', 'There is already an account'],
    ['token create nobody@example.test', 'No active account has the address nobody@example.test.'],
    ['user reset-password nobody@example.test', 'No account has the address nobody@example.test.'],
  ])('%s is refused with exit code 1', async (line, sentence) => {
    await call('user add ana@example.test');
    expect(await call(line)).toEqual({ code: 1, told: '', complained: expect.stringContaining(sentence) });
  });
});

describe('a backup', () => {
  test('is made beside a connection that writes, is whole, and stands where it was asked for', async () => {
    await call('user add ana@example.test');
    const db = openDatabase(join(folder, 'turnover.db'));
    db.$client.exec("INSERT INTO companies VALUES ('com_1', 'North Light', 'north light', 1)");
    const byDefault = await call('backup');
    const chosen = await call(`backup --to ${join(root, 'elsewhere', 'copy.db')}`);
    db.$client.close();
    expect([byDefault.code, chosen.code]).toEqual([0, 0]);
    expect(readdirSync(join(folder, 'backups'))).toHaveLength(1);
    expect(chosen.told).toBe(join(root, 'elsewhere', 'copy.db'));
    for (const { told } of [byDefault, chosen]) {
      const copy = openDatabase(told);
      expect(copy.$client.prepare('SELECT name FROM companies').pluck().all()).toEqual(['North Light']);
      expect(copy.$client.prepare('SELECT email FROM users').pluck().all()).toEqual(['ana@example.test']);
      copy.$client.close();
    }
  });

  test('of a broken database is refused and leaves nothing', async () => {
    await call('user add ana@example.test');
    writeFileSync(join(folder, 'turnover.db'), 'broken '.repeat(5000));
    const { code, complained } = await call('backup');
    expect(code).toBe(1);
    expect(complained).toContain('No backup was made.');
    expect(readdirSync(join(folder, 'backups'))).toEqual([]);
  });
});

describe('called wrongly', () => {
  test.each([
    ['token', 'There is no command "token"'],
    ['user remove ana@example.test', 'There is no command "user remove"'],
    ['user add', 'Usage: user add <email>'],
    ['user add ana@example.test more', 'Usage: user add <email>'],
    ['user add ana', '"ana" is not an e-mail address.'],
    ['user add ana@example.test --admin', "Unknown option '--admin'"],
    ['backup here', 'Usage: backup'],
  ])('"%s" ends with exit code 2 and says how', async (line, sentence) => {
    expect(await call(line)).toEqual({ code: 2, told: '', complained: expect.stringContaining(sentence) });
    expect(existsSync(folder)).toBe(false);
  });

  test.each(['token create ana@example.test', 'user reset-password ana@example.test', 'backup'])(
    '"%s" makes no data folder where there is none',
    async (line) => {
      expect(await call(line)).toMatchObject({
        code: 1,
        complained: expect.stringContaining('TURNOVER_DATA'),
      });
      expect(existsSync(folder)).toBe(false);
    },
  );

  test('wrong settings are told by their names', async () => {
    expect(await call('backup', { PORT: 'http' })).toMatchObject({
      code: 1,
      complained: expect.stringContaining('PORT'),
    });
  });
});

test('the command itself tells what it can do', () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const { status, stdout } = spawnSync(process.execPath, [main, '--help'], { encoding: 'utf8' });
  expect(status).toBe(0);
  for (const words of ['token create', 'user add', 'user reset-password', 'backup', 'TURNOVER_DATA']) {
    expect(stdout).toContain(words);
  }
  expect(spawnSync(process.execPath, [main]).status).toBe(2);
});

describe('storage', () => {
  test('what is held is freed by a person', async () => {
    await call('user add olga@example.test --owner');
    await withHub(config(), (ctx) => {
      const insert = ctx.db.$client.prepare(
        `insert into assets (id, size_bytes, state, created_at, unreferenced_at) values (?, 1, 'stored', 1, 1)`,
      );
      for (let count = 0; count < 101; count++) insert.run(ctx.newId('asset'));
    });
    const held = await call('storage free');
    expect(held).toMatchObject({ code: 0, told: '0 put aside for seven days, 0 deleted after them.' });
    expect(held.complained).toContain('101 files are held');
    expect(await call('storage free --confirm')).toEqual({
      code: 0,
      complained: '',
      told: '101 put aside for seven days, 0 deleted after them.',
    });
    expect((await call('storage free now')).code).toBe(2);
  });
});
