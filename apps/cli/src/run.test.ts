import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { writeAuditLines } from '@turnover/core/audit/export';
import { sealAuditLog } from '@turnover/core/audit/seals';
import { connectIdentity } from '@turnover/core/oidc/identities';
import { openOidcProvider } from '@turnover/core/oidc/provider';
import { settingsFor } from '@turnover/core/testing/oidc-settings';
import { newAuthenticatorKey, setUpSecondFactor } from '@turnover/core/people/second-factor';
import { findUser, personOf } from '@turnover/core/people/accounts';
import { identitiesOf } from '@turnover/core/people/identity-views';
import { authenticate, signIn } from '@turnover/core/people/sign-in';
import { codeAt, readKey, stepOf } from '@turnover/core/people/totp';
import { resetPassword } from '@turnover/core/people/links';
import { hubKey } from '@turnover/core/hub-key';
import { canonicalJson, receiptFormat, receiptVersion } from '@turnover/domain/requests/receipt-seal';
import { vaultFile } from '@turnover/core/storage';
import { loadConfig } from '@turnover/config/config';
import { lockDataFolder } from '@turnover/db/instance-lock';
import { openMigrated } from '@turnover/db/migrate';
import { migrationsFolder, readMigrations } from '@turnover/db/migration-files';
import { openDatabase } from '@turnover/db/open';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { inTransaction } from '@turnover/db/transaction';
import { hashWhole } from '@turnover/processing/hash-whole';
import { run } from './run.ts';
import { withHub } from './with-hub.ts';

let root: string;
let folder: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'turnover-cli-'));
  folder = join(root, 'data');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** The turnover.env of a developer must not change the tests. */
const noFile = { TURNOVER_SETTINGS: devNull };

async function call(line: string, env: Record<string, string> = {}) {
  const printed: string[] = [];
  const errors: string[] = [];
  const output = {
    print: (text: string) => printed.push(text),
    printError: (text: string) => errors.push(text),
  };
  const code = await run(
    line.split(' ').filter(Boolean),
    { ...noFile, TURNOVER_DATA: folder, ...env },
    output,
  );
  return { code, printed: printed.join('\n'), errors: errors.join('\n') };
}

const config = () => loadConfig({ TURNOVER_DATA: folder });

const from = { address: '', userAgent: '' };

describe('people', () => {
  test('adds an owner to an empty data folder, who chooses a password through the printed link', async () => {
    const { code, printed } = await call('user add Olga@example.test --name Olga --owner');
    expect(code).toBe(0);
    expect(printed).toMatch(/^http:\/\/127\.0\.0\.1:3000\/reset\/[\w-]{43}$/);
    const password = 'a long enough password';
    await withHub(config(), async (ctx) => {
      await resetPassword(ctx, printed.split('/').at(-1)!, password);
      const { token } = await signIn(
        ctx,
        { email: 'olga@example.test', password },
        { address: '', userAgent: '' },
      );
      const signedIn = await authenticate(ctx, { sessionToken: token });
      expect(signedIn?.person).toMatchObject({ name: 'Olga', isOwner: true });
    });
  });

  test('links point to the address at which people reach the hub', async () => {
    await call('user add ana@example.test');
    const reset = (env: Record<string, string>) => call('user reset-password ana@example.test', env);
    expect((await reset({ TURNOVER_URL: 'https://turnover.example' })).printed).toMatch(
      /^https:\/\/turnover\.example\/reset\//,
    );
    expect((await reset({ HOST: '0.0.0.0', PORT: '8080' })).printed).toMatch(
      /^http:\/\/localhost:8080\/reset\//,
    );
    expect((await reset({ HOST: '::1' })).printed).toMatch(/^http:\/\/\[::1\]:3000\/reset\//);
  });

  test('removes the second factor of an owner who lost it', async () => {
    const password = 'a long enough password';
    const { printed } = await call('user add olga@example.test --owner');
    const firstStep = () =>
      withHub(config(), (ctx) => signIn(ctx, { email: 'olga@example.test', password }, from));
    await withHub(config(), async (ctx) => {
      const { person } = await resetPassword(ctx, printed.split('/').at(-1)!, password);
      const key = newAuthenticatorKey();
      const code = codeAt(readKey(key), stepOf(Date.now()));
      await setUpSecondFactor({ ...ctx, person }, { key, code, password });
    });
    expect(await firstStep()).toMatchObject({ isHalf: true });
    expect(await call('user reset-second-factor olga@example.test')).toMatchObject({
      code: 0,
      printed: 'olga@example.test signs in with the password alone, and gets a notification.',
    });
    expect(await firstStep()).toMatchObject({ isHalf: false });
  });

  test('allows a person the password for an hour where only a provider signs people in', async () => {
    const password = 'a long enough password';
    const { printed } = await call('user add olga@example.test --owner');
    const signInThere = () =>
      withHub(config(), (ctx) => {
        const settings = settingsFor('https://login.example', { only: true });
        const oidc = { settings, provider: openOidcProvider(settings, ctx.clock, ctx.log) };
        return signIn({ ...ctx, oidc }, { email: 'olga@example.test', password }, from);
      });
    await withHub(config(), (ctx) => resetPassword(ctx, printed.split('/').at(-1)!, password));
    await expect(signInThere()).rejects.toMatchObject({ code: 'password_off' });
    expect(await call('user allow-password olga@example.test')).toMatchObject({
      code: 0,
      printed: expect.stringMatching(/^Until 20\S+Z: http\S+\/sign-in\?password$/),
    });
    expect(await signInThere()).toMatchObject({ isHalf: false });
  });

  test('disconnects a person from the OpenID provider', async () => {
    await call('user add olga@example.test --owner');
    expect(await call('user disconnect olga@example.test')).toMatchObject({
      code: 1,
      errors: 'The account is not connected.',
    });
    await withHub(config(), (ctx) => {
      const person = personOf(findUser(ctx.db, 'olga@example.test')!);
      const claims = { issuer: 'https://login.example', subject: 'olga', email: null };
      inTransaction(ctx.db, (tx) => connectIdentity(tx, ctx, person, claims, { isNewAccount: false }));
    });
    expect(await call('user disconnect olga@example.test')).toMatchObject({
      code: 0,
      printed: 'olga@example.test is not connected any more, and gets a notification.',
    });
    await withHub(config(), (ctx) => {
      expect(identitiesOf(ctx.db, findUser(ctx.db, 'olga@example.test')!.id)).toEqual([]);
    });
  });

  test('creates a token that acts as its person', async () => {
    await call('user add ana@example.test');
    const { code, printed } = await call('token create ana@example.test --name script');
    expect(code).toBe(0);
    await withHub(config(), async (ctx) => {
      const found = await authenticate(ctx, { authorization: `Bearer ${printed}` });
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
    ['user reset-second-factor nobody@example.test', 'No account has the address nobody@example.test.'],
    ['user reset-second-factor ana@example.test', 'There is no second factor.'],
  ])('%s is refused with exit code 1', async (line, sentence) => {
    await call('user add ana@example.test');
    expect(await call(line)).toEqual({ code: 1, printed: '', errors: expect.stringContaining(sentence) });
  });
});

describe('the doctor', () => {
  async function storeFile(content: string): Promise<string> {
    return withHub(config(), async ({ db, storage, newId, clock }) => {
      const [id, uploadId] = [newId('asset'), newId('upload')];
      await storage.storeArrival(uploadId, Buffer.from(content));
      storage.keepArrival(uploadId);
      await storage.publish(uploadId, id);
      const at = clock();
      db.insert(assets).values({ id, sizeBytes: content.length, state: 'stored', createdAt: at }).run();
      const { xxh128: value } = await hashWhole({
        path: vaultFile(folder, id),
        sizeBytes: content.length,
        algorithms: ['xxh128'],
      });
      const computed = { algorithm: 'xxh128', source: 'computed', how: 'arrival' } as const;
      db.insert(assetChecksums)
        .values({ assetId: id, value: value!, at, ...computed })
        .run();
      return id;
    });
  }
  const filesIn = () => readdirSync(folder, { recursive: true }).sort();

  test('says what it compared, and leaves the folder as it was', async () => {
    await call('user add ana@example.test');
    await storeFile('the bytes of a film');
    const before = filesIn();
    expect(await call('doctor')).toEqual({
      code: 0,
      errors: '',
      printed: 'Compared the sizes of 1 stored files, but no checksums.\nNothing is damaged.',
    });
    const read = await call('doctor --read');
    expect(read.printed).toContain('Compared the sizes of 1 stored files and the checksums of 1.');
    expect(filesIn()).toEqual(before);
  });

  test('names a damaged file with exit code 1, and takes it from a copy when asked', async () => {
    await call('user add ana@example.test');
    const id = await storeFile('the bytes of a film');
    const copy = join(root, 'copy');
    cpSync(join(folder, 'vault'), copy, { recursive: true });
    writeFileSync(vaultFile(folder, id), 'the bytes of a fiLm');
    expect((await call('doctor')).code).toBe(0);
    const found = await call('doctor --read');
    expect(found.code).toBe(1);
    expect(found.errors).toMatch(new RegExp(`^${id}: the bytes of a stored file no longer match`));
    expect(found.errors).toContain('1 problem found. Nothing was changed.');
    expect(await call('doctor --read --repair')).toMatchObject({ code: 1 });
    const mended = await call(`doctor --read --repair --from ${copy}`);
    expect(mended).toMatchObject({ code: 0, printed: expect.stringContaining('its checksum matches') });
    expect(readFileSync(vaultFile(folder, id), 'utf8')).toBe('the bytes of a film');
  });

  test('refuses a folder for --from that is not there, and --from without --repair', async () => {
    await call('user add ana@example.test');
    for (const line of ['doctor --repair --from /not/there', `doctor --from ${root}`, 'doctor now'])
      expect((await call(line)).code).toBe(2);
  });

  test('does not migrate a database of an earlier version', async () => {
    const fewer = join(root, 'migrations');
    cpSync(migrationsFolder, fewer, { recursive: true });
    rmSync(
      join(
        fewer,
        readdirSync(fewer)
          .filter((name) => name.endsWith('.sql'))
          .sort()
          .at(-1)!,
      ),
    );
    openMigrated(folder, { clock: () => 0, migrationsFolder: fewer }).$client.close();
    const before = readFileSync(join(folder, 'turnover.db'));
    expect(await call('doctor')).toMatchObject({
      code: 1,
      errors: expect.stringContaining('of an earlier version. Start the hub once'),
    });
    expect(readFileSync(join(folder, 'turnover.db')).equals(before)).toBe(true);
  });
});

describe('a backup', () => {
  test('is complete although another connection writes, and is saved to the given path', async () => {
    await call('user add ana@example.test');
    const db = openDatabase(join(folder, 'turnover.db'));
    db.$client.exec("INSERT INTO companies VALUES ('com_1', 'North Light', 'north light', 1)");
    const byDefault = await call('backup');
    const chosen = await call(`backup --to ${join(root, 'elsewhere', 'copy.db')}`);
    db.$client.close();
    expect([byDefault.code, chosen.code]).toEqual([0, 0]);
    expect(readdirSync(join(folder, 'backups')).filter((name) => name.endsWith('.db'))).toHaveLength(1);
    expect(readdirSync(join(root, 'elsewhere'))).toEqual(['copy.db', 'copy.sha256', 'copy.vault']);
    expect(chosen.printed).toBe(join(root, 'elsewhere', 'copy.db'));
    for (const { printed } of [byDefault, chosen]) {
      const copy = openDatabase(printed);
      expect(copy.$client.prepare('SELECT name FROM companies').pluck().all()).toEqual(['North Light']);
      expect(copy.$client.prepare('SELECT email FROM users').pluck().all()).toEqual(['ana@example.test']);
      copy.$client.close();
    }
  });

  test('has an entry in the audit log of the hub, also beside a running web process', async () => {
    await call('user add ana@example.test');
    const lock = lockDataFolder(folder);
    const { printed, errors } = await call('backup');
    lock.release();
    expect(errors).toBe('');
    const db = openDatabase(join(folder, 'turnover.db'));
    const entry = db.$client
      .prepare('SELECT action, area, via, details FROM audit_entries ORDER BY seq DESC')
      .get();
    db.$client.close();
    expect(entry).toEqual({
      action: 'commands.backup',
      area: 'server',
      via: 'command',
      details: JSON.stringify({ backup: basename(printed) }),
    });
    expect((await call('audit verify')).code).toBe(0);
  });

  test('of a database of an earlier version is made without an entry, and says so', async () => {
    const earlier = join(root, 'migrations');
    cpSync(migrationsFolder, earlier, { recursive: true });
    rmSync(join(earlier, `${readMigrations(earlier).at(-1)!.name}.sql`));
    openMigrated(folder, { clock: () => 0, migrationsFolder: earlier }).$client.close();
    const { code, errors, printed } = await call('backup');
    expect(code).toBe(0);
    expect(existsSync(printed)).toBe(true);
    expect(errors).toContain('The audit log has no entry of this: The database is of an earlier version.');
  });

  test('of a damaged database is refused and leaves no file', async () => {
    await call('user add ana@example.test');
    writeFileSync(join(folder, 'turnover.db'), 'broken '.repeat(5000));
    const { code, errors } = await call('backup');
    expect(code).toBe(1);
    expect(errors).toContain('No backup was made.');
    expect(readdirSync(join(folder, 'backups'))).toEqual([]);
  });
});

describe('usage errors', () => {
  test.each([
    ['token', 'There is no command "token"'],
    ['user remove ana@example.test', 'There is no command "user remove"'],
    ['user add', 'Usage: user add <email>'],
    ['user add ana@example.test more', 'Usage: user add <email>'],
    ['user add ana', '"ana" is not an e-mail address.'],
    ['user add ana@example.test --admin', "Unknown option '--admin'"],
    ['backup here', 'Usage: backup'],
  ])('"%s" ends with exit code 2 and prints the usage', async (line, sentence) => {
    expect(await call(line)).toEqual({ code: 2, printed: '', errors: expect.stringContaining(sentence) });
    expect(existsSync(folder)).toBe(false);
  });

  test.each(['token create ana@example.test', 'user reset-password ana@example.test', 'backup'])(
    '"%s" creates no data folder when there is none',
    async (line) => {
      expect(await call(line)).toMatchObject({
        code: 1,
        errors: expect.stringContaining('TURNOVER_DATA'),
      });
      expect(existsSync(folder)).toBe(false);
    },
  );

  test('reports invalid settings by name', async () => {
    expect(await call('backup', { PORT: 'http' })).toMatchObject({
      code: 1,
      errors: expect.stringContaining('PORT'),
    });
  });
});

describe('upgrade --check', () => {
  test('says which migrations would run, or that the database is up to date', async () => {
    const earlier = join(root, 'migrations');
    cpSync(migrationsFolder, earlier, { recursive: true });
    const latest = readMigrations(earlier).at(-1)!.name;
    rmSync(join(earlier, `${latest}.sql`));
    openMigrated(folder, { clock: () => 0, migrationsFolder: earlier }).$client.close();
    const lock = lockDataFolder(folder);
    const { code, printed } = await call('upgrade --check');
    lock.release();
    expect(code).toBe(0);
    expect(printed).toContain(`These migrations would run:\n  ${latest}\n`);
    expect(printed).toMatch(/about \d+ MiB; \d+ MiB are free\.\nStop the hub/);
    openMigrated(folder, { clock: () => 0 }).$client.close();
    expect((await call('upgrade --check')).printed).toMatch(/does not run on it\.\nIt is up to date/);
  });

  test('is refused without a database or with other words', async () => {
    expect(await call('upgrade --check')).toMatchObject({ code: 1 });
    expect(await call('upgrade')).toMatchObject({
      code: 2,
      errors: expect.stringContaining('when it starts'),
    });
  });
});

test('lists the settings with their origins, without secrets', async () => {
  const secret = join(root, 'smtp-url');
  writeFileSync(secret, 'smtp://hub:very-secret@mail.example\n');
  const file = join(root, 'turnover.env');
  writeFileSync(file, 'PORT=8080\nHOST=::1\nTURNOVER_OWNER_EMAIL=olga@example.test\n');
  const { code, printed } = await call('settings', {
    TURNOVER_SETTINGS: file,
    TURNOVER_SMTP_URL_FILE: secret,
    TURNOVER_OWNER_PASSWORD: 'very-secret password',
    HOST: '127.0.0.2',
  });
  expect(code).toBe(0);
  const lines = printed.split('\n').map((line) => line.replace(/ {2,}/g, ' | '));
  expect(lines).toEqual(
    expect.arrayContaining([
      'PORT | file of settings | 8080',
      'HOST | environment | 127.0.0.2',
      'TURNOVER_SMTP_URL | file of the secret | (not shown)',
      'TURNOVER_OWNER_PASSWORD | environment | (not shown)',
      'TURNOVER_URL | default | (not set)',
      'TURNOVER_TRASH_DAYS | default | 30',
    ]),
  );
  expect(printed).not.toContain('very-secret');
  expect((await call('settings now')).code).toBe(2);
});

test('lists its commands', { timeout: 60_000 }, () => {
  const main = fileURLToPath(new URL('./main.ts', import.meta.url));
  const call = (...words: string[]) =>
    spawnSync(process.execPath, [main, ...words], { encoding: 'utf8', timeout: 30_000 });
  const { status, stdout } = call('--help');
  expect(status).toBe(0);
  for (const words of ['token create', 'user add', 'user reset-password', 'backup', 'TURNOVER_DATA']) {
    expect(stdout).toContain(words);
  }
  expect(call().status).toBe(2);
});

describe('storage', () => {
  test('frees assets that the limit for suspiciously large passes held back', async () => {
    await call('user add olga@example.test --owner');
    await withHub(config(), (ctx) => {
      const insert = ctx.db.$client.prepare(
        `insert into assets (id, size_bytes, state, created_at, unreferenced_at) values (?, 1, 'stored', 1, 1)`,
      );
      for (let count = 0; count < 101; count++) insert.run(ctx.newId('asset'));
    });
    const held = await call('storage free');
    expect(held).toMatchObject({ code: 0, printed: '0 set aside for seven days, 0 deleted.' });
    expect(held.errors).toContain('101 files are held');
    expect(await call('storage free --confirm')).toEqual({
      code: 0,
      errors: '',
      printed: '101 set aside for seven days, 0 deleted.',
    });
    expect((await call('storage free now')).code).toBe(2);
  });
});

describe('receipts', () => {
  const path = 'reels/ünï 東京.wav';

  /** A sealed receipt of one file, with the key of a new hub, and that file in a folder. */
  async function makeReceipt() {
    const content = Buffer.from('sound');
    const hashes = [{ algorithm: 'md5', value: createHash('md5').update(content).digest('hex') }];
    const receipt = {
      format: receiptFormat,
      version: receiptVersion,
      files: [{ path, sizeBytes: content.length, hashes }],
    };
    const sha256 = createHash('sha256').update(canonicalJson(receipt)).digest('hex');
    await call('user add olga@example.test');
    const seal = await withHub(config(), ({ db }) => hubKey(db).seal(sha256));
    const file = join(root, 'receipt.json');
    writeFileSync(file, canonicalJson({ receipt, seal }));
    mkdirSync(join(root, 'delivery/reels'), { recursive: true });
    writeFileSync(join(root, 'delivery', path), content);
    return { file, seal, folder: join(root, 'delivery') };
  }

  test('verifies seal, key and files, without a hub', async () => {
    const { file, seal, folder } = await makeReceipt();
    const verified = await call(`receipt verify ${file} ${folder} --key ${seal.fingerprint}`, {
      TURNOVER_DATA: join(root, 'nothing'),
    });
    expect(verified).toMatchObject({ code: 0, errors: '' });
    expect(verified.printed).toContain('All 1 files have the bytes');
    expect(existsSync(join(root, 'nothing'))).toBe(false);
  });

  test('reports what is wrong: a file, the content, or the key', async () => {
    const { file, folder } = await makeReceipt();
    const refused = async (line: string) => {
      const { code, errors } = await call(line);
      expect(code).toBe(1);
      return errors;
    };
    writeFileSync(join(folder, path), 'Sound');
    expect(await refused(`receipt verify ${file} ${folder}`)).toContain('it has another md5');
    rmSync(join(folder, path));
    expect(await refused(`receipt verify ${file} ${folder}`)).toContain('it is missing');
    expect(await refused(`receipt verify ${file} --key ${'0'.repeat(64)}`)).toContain('another key');
    writeFileSync(file, readFileSync(file, 'utf8').replace('"sizeBytes":5', '"sizeBytes":6'));
    expect(await refused(`receipt verify ${file}`)).toContain('was changed');
    expect(await refused(`receipt verify ${join(root, 'absent')}`)).toContain('ENOENT');
    expect((await call('receipt verify')).code).toBe(2);
  });
});

describe('audit verify', () => {
  const file = () => join(folder, 'turnover.db');
  const sealFile = () => join(root, 'seal.json');

  /** Three entries of commands, sealed. */
  async function makeLog(): Promise<void> {
    await call('user add olga@example.test --owner');
    await call('user add ana@example.test');
    await call('token create ana@example.test --name Script');
    await withHub(config(), (ctx) => {
      const seal = sealAuditLog(ctx);
      writeFileSync(sealFile(), JSON.stringify(seal));
    });
  }

  function tamper(sql: string): void {
    const db = openDatabase(file());
    db.$client.exec(sql);
    db.$client.close();
  }

  test('reports a whole log and its seal, and changes nothing', async () => {
    await makeLog();
    const before = readFileSync(file());
    const { code, printed } = await call(`audit verify --seal ${sealFile()}`);
    expect(code).toBe(0);
    expect(printed).toContain('3 entries, and each holds.\nSealed up to entry 3. Key ');
    expect(readFileSync(file())).toEqual(before);
  });

  test('each command leaves an entry, without its secrets', async () => {
    await makeLog();
    const db = openDatabase(file());
    const entries = db.$client.prepare('select action, via, details from audit_entries').all();
    db.$client.close();
    expect(entries.map((entry) => (entry as { action: string }).action)).toEqual([
      'commands.addUser',
      'commands.addUser',
      'commands.createToken',
    ]);
    expect(entries.at(-1)).toMatchObject({ via: 'command', details: expect.stringContaining('Script') });
    expect(JSON.stringify(entries)).not.toContain('turnover_');
  });

  test('names the first broken entry', async () => {
    await makeLog();
    tamper(`update audit_entries set actor = 'mallory@example.test' where seq in (2, 3)`);
    const changed = await call('audit verify');
    expect(changed).toMatchObject({ code: 1, errors: expect.stringContaining('Entry 2 was changed') });
    tamper('delete from audit_entries where seq = 1');
    expect((await call('audit verify')).errors).toContain('Entry 1 is missing');
  });

  test('finds a cut end by the seal that somebody kept', async () => {
    await makeLog();
    tamper('delete from audit_entries where seq > 1; delete from audit_seals');
    expect((await call('audit verify')).code).toBe(0);
    const { code, errors } = await call(`audit verify --seal ${sealFile()}`);
    expect(code).toBe(1);
    expect(errors).toContain('before entry 2');
  });

  test('verifies an exported log without a database', async () => {
    await makeLog();
    const lines = await withHub(config(), async (ctx) => {
      let text = '';
      for await (const piece of writeAuditLines(ctx, {})) text += piece;
      return text;
    });
    const log = join(root, 'log.jsonl');
    writeFileSync(log, lines);
    const elsewhere = { TURNOVER_DATA: join(root, 'nothing') };
    expect((await call(`audit verify ${log} --seal ${sealFile()}`, elsewhere)).code).toBe(0);
    writeFileSync(log, lines.replace('Script', 'Scribe'));
    expect((await call(`audit verify ${log}`, elsewhere)).errors).toContain('Entry 3 was changed');
    writeFileSync(log, 'no log');
    expect((await call(`audit verify ${log}`, elsewhere)).errors).toContain('is not an audit log');
    expect((await call(`audit verify ${join(root, 'absent')}`, elsewhere)).errors).toContain('ENOENT');
    expect((await call(`audit verify --seal ${log}`)).errors).toContain('is not a seal');
  });
});
