import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { ConfigError } from './config.ts';
import { loadSettings } from './load-settings.ts';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover settings '));
  file = join(folder, 'turnover.env');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

type Environment = Record<string, string | undefined>;

function load(content: string | Buffer, env: Environment = {}) {
  writeFileSync(file, content);
  return loadSettings(env, folder);
}

function problemsOf(env: Environment): string[] {
  try {
    loadSettings(env, folder);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

function problemsIn(content: string | Buffer, env: Environment = {}): string[] {
  writeFileSync(file, content);
  return problemsOf(env);
}

function write(name: string, content: string): string {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
}

describe('a file of settings', () => {
  test('need not exist', () => {
    expect(loadSettings({}, folder).config.port).toBe(3000);
  });

  test('is turnover.env beside the sources, or the one that TURNOVER_SETTINGS names', () => {
    const other = write('other.env', 'PORT=9000');
    expect(load('PORT=8080').config.port).toBe(8080);
    expect(load('PORT=8080', { TURNOVER_SETTINGS: other }).config.port).toBe(9000);
  });

  test('may have comments, blank lines, spaces, quotes, a byte order mark and line ends of Windows', () => {
    const { config } = load(
      [
        '\uFEFF# The hub of North Light',
        '',
        '  PORT = 8080   # behind nginx',
        'HOST=::1',
        `TURNOVER_MAIL_FROM='Turnover <hub@example.com>'  # quoted`,
        'TURNOVER_OWNER_EMAIL=owner@example.com',
        'TURNOVER_OWNER_PASSWORD=" ends with a # and spaces  "',
        'TURNOVER_SMTP_URL=smtp://a:$d%23\\e@mail.example',
        'TURNOVER_STATE=/srv/a#b',
        'TURNOVER_URL=   # nothing',
      ].join('\r\n'),
    );
    expect(config).toMatchObject({
      port: 8080,
      host: '::1',
      mailFrom: 'Turnover <hub@example.com>',
      owner: { email: 'owner@example.com', password: 'ends with a # and spaces' },
      smtpUrl: 'smtp://a:$d%23\\e@mail.example',
      stateFolder: '/srv/a#b',
      publicUrl: undefined,
    });
  });

  test('gives way to the environment, but not to an empty variable', () => {
    const content = 'PORT=8080\nHOST=::1';
    expect(load(content, { PORT: '9000', HOST: ' ' }).config).toMatchObject({ port: 9000, host: '::1' });
  });

  test.each([
    ['just words', 'A line is NAME=value. Write, for example: PORT=3000'],
    ['=3000', 'A line is NAME=value.'],
    ['port=3000', 'Write: PORT=…'],
    ['URL=https://turnover.example', 'Write: TURNOVER_URL=…'],
    ['TURNOVER_SMPT_URL=smtp://secret', 'Write: TURNOVER_SMTP_URL=…'],
    ['TURNOVER_SMTP_URL_FIEL=/secret', 'Write: TURNOVER_SMTP_URL_FILE=…'],
    ['PORT_FILE=/run/secret', 'There is no setting of this name.'],
    ['NODE_OPTIONS=secret', 'lists the names.'],
    ['TURNOVER_SETTINGS=/secret', 'There is no setting of this name.'],
    ['export PORT=3000', 'Leave out "export". Write: PORT=…'],
    [
      'TURNOVER_URL="https://secret.example',
      'TURNOVER_URL: the quotes are not right. Write: TURNOVER_URL="…"',
    ],
    [`HOST='secret' 'secret'`, 'HOST: the quotes are not right.'],
    ['HOST="', 'HOST: the quotes are not right.'],
    [
      'TURNOVER_LOG=secret',
      'TURNOVER_LOG: How much is logged: silent, error, info or debug. Write, for example: TURNOVER_LOG=info',
    ],
    ['TURNOVER_TRASH_DAYS=7\nTURNOVER_TRASH_DAYS=8', 'TURNOVER_TRASH_DAYS is set in line 2 already.'],
  ])('refuses the line %j in one line that says what to write, without its value', (line, words) => {
    const problems = problemsIn(`# first\n${line}`);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(new RegExp(`^.*/turnover\\.env:${line.includes('\n') ? 3 : 2}: `));
    expect(problems[0]).toContain(words);
    expect(problems[0]).not.toMatch(/secret|\n/);
  });

  test('reports wrong lines together with wrong variables', () => {
    const problems = problemsIn('prot=1\nHOST=a b', { PORT: 'x' });
    expect(problems.map((problem) => problem.replace(`${file}:`, '').split(' ')[0])).toEqual([
      '1:',
      'PORT:',
      '2:',
    ]);
  });

  test('is refused when it cannot be read', () => {
    const absent = join(folder, 'absent.env');
    expect(problemsOf({ TURNOVER_SETTINGS: absent })).toEqual([
      `${absent}: The file of settings does not exist. Make it readable, or set TURNOVER_SETTINGS to another file.`,
    ]);
    mkdirSync(file);
    expect(problemsOf({})[0]).toContain('is a folder');
    expect(problemsOf({ TURNOVER_SETTINGS: write('large.env', '#'.repeat(70_000)) })[0]).toContain('64 KiB');
    expect(problemsOf({ TURNOVER_SETTINGS: 'turnover.env' })).toEqual([
      expect.stringContaining('TURNOVER_SETTINGS: The file with further settings'),
    ]);
  });

  test.skipIf(process.getuid?.() === 0)('is refused when this user may not read it', () => {
    chmodSync(write('turnover.env', 'PORT=1'), 0);
    expect(problemsOf({})[0]).toContain('cannot be read by this user');
  });

  test('counts relative folders from the folder of the sources', () => {
    expect(load('TURNOVER_STATE=state').config).toMatchObject({
      dataFolder: join(folder, 'data'),
      stateFolder: join(folder, 'state'),
    });
    expect(load('TURNOVER_DATA=/srv/hub').config.dataFolder).toBe('/srv/hub');
  });
});

describe('a secret', () => {
  const smtpUrl = 'smtp://hub:pass@mail.example:587';

  test('is read from the file that its _FILE variable names, in the environment or in the file of settings', () => {
    const path = write('smtp url', `${smtpUrl}\n`);
    expect(loadSettings({ TURNOVER_SMTP_URL_FILE: path }, folder).config.smtpUrl).toBe(smtpUrl);
    expect(load(`TURNOVER_SMTP_URL_FILE=${path}`).config.smtpUrl).toBe(smtpUrl);
    const password = write('owner-password', 'correct horse battery\r\n');
    expect(
      load(`TURNOVER_OWNER_PASSWORD_FILE=${password}`, { TURNOVER_OWNER_EMAIL: 'o@example.com' }).config
        .owner,
    ).toEqual({ email: 'o@example.com', password: 'correct horse battery' });
  });

  test('in the environment wins over the file of settings in either form', () => {
    const path = write('smtp', 'smtp://other.example');
    const wins = { TURNOVER_SMTP_URL: smtpUrl };
    expect(load(`TURNOVER_SMTP_URL_FILE=${path}`, wins).config.smtpUrl).toBe(smtpUrl);
    expect(load(`TURNOVER_SMTP_URL=${smtpUrl}`, { TURNOVER_SMTP_URL_FILE: path }).config.smtpUrl).toBe(
      'smtp://other.example',
    );
  });

  test.each<[string, () => string, string]>([
    ['does not exist', () => join(folder, 'absent'), 'does not exist.'],
    ['is a folder', () => folder, 'is a folder.'],
    ['is empty', () => write('empty', ' \n'), 'is empty.'],
    ['has several lines', () => write('lines', 'smtp://one\nsmtp://two'), 'has several lines.'],
    ['is very large', () => write('large', 'x'.repeat(70_000)), 'is larger than 64 KiB.'],
    ['is the secret itself', () => 'smtp://secret', 'not the absolute path'],
  ])('is refused without its path when the file %s', (_, make, words) => {
    const path = make();
    const problems = problemsOf({ TURNOVER_SMTP_URL_FILE: path });
    expect(problems).toEqual([expect.stringContaining('TURNOVER_SMTP_URL_FILE: ')]);
    expect(problems[0]).toContain(words);
    expect(problems[0]).toContain('Write, for example: TURNOVER_SMTP_URL_FILE=/etc/turnover/smtp-url');
    expect(problems[0]).not.toContain(path);
  });

  test('is refused when both forms are set in one place', () => {
    const path = write('smtp', smtpUrl);
    const both = 'TURNOVER_SMTP_URL and TURNOVER_SMTP_URL_FILE are both set. Keep one of them.';
    expect(problemsOf({ TURNOVER_SMTP_URL: smtpUrl, TURNOVER_SMTP_URL_FILE: path })).toEqual([both]);
    expect(problemsIn(`TURNOVER_SMTP_URL=${smtpUrl}\nTURNOVER_SMTP_URL_FILE=${path}`)).toEqual([
      `${file}:2: ${both}`,
    ]);
  });

  test('that is wrong in its file is reported without it', () => {
    const path = write('smtp', 'mail.example:25:hunter2');
    const [problem, ...more] = problemsOf({ TURNOVER_SMTP_URL_FILE: path });
    expect(more).toEqual([]);
    expect(problem).toMatch(/^TURNOVER_SMTP_URL: The mail server/);
    expect(problem).not.toContain('hunter2');
  });

  test('of the owner that cannot be read is one problem, not two', () => {
    const env = {
      TURNOVER_OWNER_EMAIL: 'o@example.com',
      TURNOVER_OWNER_PASSWORD_FILE: join(folder, 'absent'),
    };
    expect(problemsOf(env)).toHaveLength(1);
  });
});

test('every setting knows its source, and secrets are left out', () => {
  const path = write('smtp', 'smtp://hub:hunter2@mail.example');
  const { inForce } = load('PORT=8080\nHOST=::1\nTURNOVER_OWNER_EMAIL=o@example.com', {
    HOST: '::',
    TURNOVER_SMTP_URL_FILE: path,
    TURNOVER_OWNER_PASSWORD: 'hunter2 hunter2',
  });
  const found = Object.fromEntries(inForce.map(({ name, source, text }) => [name, [source, text]]));
  expect(found).toMatchObject({
    PORT: ['file', '8080'],
    HOST: ['environment', '::'],
    TURNOVER_DATA: ['default', './data'],
    TURNOVER_URL: ['default', undefined],
    TURNOVER_SMTP_URL: ['secretFile', undefined],
    TURNOVER_OWNER_PASSWORD: ['environment', undefined],
  });
  expect(found).not.toHaveProperty('TURNOVER_CRASH_AT');
  expect(JSON.stringify(inForce)).not.toContain('hunter2');
});
