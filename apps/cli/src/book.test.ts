/**
 * Runs the commands of docs/self-hosting.md as they are printed there. A command that cannot run here is listed with the reason or
 * with the test that runs it; a command that is in neither list fails.
 */
import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { loadConfig } from '@turnover/config/config';
import { loadSettings } from '@turnover/config/load-settings';
import { writeAuditLines } from '@turnover/core/audit/export';
import { sealAuditLog } from '@turnover/core/audit/seals';
import { idsFrom } from '@turnover/core/ids';
import { claimDataFolder } from '@turnover/core/server/claim-folder';
import { vaultFile } from '@turnover/core/storage';
import { openMigrated } from '@turnover/db/migrate';
import { assets } from '@turnover/db/schema/assets';
import { run } from './run.ts';
import { withHub } from './with-hub.ts';

const sources = fileURLToPath(new URL('../../..', import.meta.url));
const text = readFileSync(join(sources, 'docs/self-hosting.md'), 'utf8');

/** Commands of turnover, run here on a hub of the test. */
const ranHere = [
  'npm run turnover -- backup',
  'sudo -u turnover npm run turnover -- backup',
  'npm run turnover -- settings',
  'npm run turnover -- storage free',
  'npm run turnover -- doctor',
  'npm run turnover -- doctor --read',
  'doctor --read --repair',
  'npm run turnover -- upgrade --check',
  'npm run turnover -- user reset-password <email>',
  'npm run turnover -- audit verify',
  'npm run turnover -- audit verify --seal seal.json',
  'audit verify log.jsonl',
  'TURNOVER_DATA=/srv/restored npm run turnover -- restore turnover-2026-11-30T02-00-00.000Z.db',
  'npm run turnover -- restore --undo',
];

/** Starts of the hub: here only their settings are read. The test that is named starts it. */
const starts = [
  'HOST=0.0.0.0 npm start',
  'TURNOVER_URL=https://turnover.example.com TURNOVER_TRUSTED_PROXY=loopback npm start',
  'TURNOVER_UPLOAD_RATE="mon-fri 08:00-18:00 20MB, 100MB" TURNOVER_PERSON_UPLOAD_RATE=10MB npm start',
];

/** The steps with restic, in the order of the book. */
const resticSteps = [
  'export RESTIC_REPOSITORY=/mnt/offsite/turnover RESTIC_PASSWORD_FILE=/root/restic-password',
  'restic init',
  'cd /srv/turnover',
  'restic backup backups vault',
  'restic forget --prune --keep-daily 14 --keep-monthly 12',
  'restic check',
  'restic restore latest --target /srv/restored',
  'cd /srv/restored/backups',
  'sha256sum --check *.sha256',
];

/** Commands that a test runs elsewhere, with words of that test. */
const ranElsewhere: Record<string, { test: string; says: string }> = {
  'npm start': { test: 'apps/web/e2e/supervised.ts', says: 'scripts/serve.mjs' },
  'npm run turnover -- service install': {
    test: 'apps/cli/src/commands/service.test.ts',
    says: 'install --yes',
  },
  'service install': { test: 'apps/cli/src/commands/service.test.ts', says: 'install --yes' },
  'service print': { test: 'apps/cli/src/commands/service.test.ts', says: "call('print'" },
  'service uninstall': { test: 'apps/cli/src/commands/service.test.ts', says: 'uninstall --yes' },
  'systemd-analyze security turnover.service': {
    test: 'apps/cli/src/commands/service.test.ts',
    says: "spawnSync('systemd-analyze'",
  },
  'npm run turnover -- user allow-password <email>': {
    test: 'apps/cli/src/run.test.ts',
    says: 'user allow-password olga@example.test',
  },
  'npm run turnover -- user disconnect <email>': {
    test: 'apps/cli/src/run.test.ts',
    says: 'user disconnect olga@example.test',
  },
  'npm run turnover -- user reset-second-factor <email>': {
    test: 'apps/cli/src/run.test.ts',
    says: 'user reset-second-factor olga@example.test',
  },
  'install -d -o 10001 -g 10001 -m 700 /srv/turnover/data': {
    test: 'scripts/container.long.test.ts',
    says: '10001',
  },
};

const noContainers = 'no container engine runs in our tests';
const noSystemd = 'systemd does not run where our tests run';
const cannotRun: Record<string, string> = {
  'TURNOVER_URL=https://turnover.example.com docker compose up --build -d': noContainers,
  'docker compose logs turnover': noContainers,
  'docker compose exec turnover node_modules/.bin/node apps/cli/src/main.ts backup': noContainers,
  'docker compose': noContainers,
  'docker ps': noContainers,
  'podman compose': noContainers,
  'up --build -d': noContainers,
  'journalctl -u turnover': noSystemd,
  'systemctl edit turnover': noSystemd,
  'systemctl restart turnover': noSystemd,
  'apt install restic': 'a test installs nothing on the machine',
  'npm start -- --help':
    'it installs first; the list itself is tested in packages/config/src/write-documentation.test.ts',
  'npm run build': 'npm test builds the same before it begins',
  'npm test': 'this is it',
  'npm run test:long': 'it takes hours',
  'sha256sum --check': 'it is a mention of the step with restic',
};

const programs =
  /^(npm|docker|podman|sudo|systemctl|systemd-analyze|journalctl|install|apt|restic|sha256sum|up|service|audit|doctor|restore|user|token|storage|upgrade) /;

/** The lines of all blocks for a shell, and what is printed as a command within the text. */
function commandsOf(page: string): string[] {
  const blocks = [...page.matchAll(/^```(?:sh|bash)\n(.*?)^```/gms)].flatMap(([, lines]) =>
    lines!.trim().split('\n'),
  );
  const prose = page.replaceAll(/^```.*?^```/gms, '');
  const inline = [...prose.matchAll(/`([^`\n]+)`/g)].map(([, words]) => words!);
  return [...new Set([...blocks, ...inline.filter((words) => programs.test(words))])];
}

test('each command of the book is in one of the lists, and each list names only commands of the book', () => {
  const listed = [
    ...ranHere,
    ...starts,
    ...resticSteps,
    ...Object.keys(ranElsewhere),
    ...Object.keys(cannotRun),
  ];
  expect(listed.toSorted()).toEqual(commandsOf(text).toSorted());
});

test.each(Object.entries(ranElsewhere))('%s is run by the test that is named', (_, { test: path, says }) => {
  expect(readFileSync(join(sources, path), 'utf8')).toContain(says);
});

test.each(starts)('%s has settings that the hub accepts', (line) => {
  const { env } = readLine(line);
  const { inForce } = loadSettings({ TURNOVER_SETTINGS: devNull, ...env });
  for (const name of Object.keys(env))
    expect(inForce.find((each) => each.name === name)?.source).toBe('environment');
});

describe('on a hub', () => {
  let root: string;
  let data: string;
  const backup = 'turnover-2026-11-30T02-00-00.000Z.db';

  beforeEach(async () => {
    root = mkdtempSync(join(tmpdir(), 'turnover-book-'));
    data = join(root, 'srv/turnover');
    const clock = Date.now;
    const newId = idsFrom(clock);
    const db = openMigrated(data, { clock });
    claimDataFolder(db, data, { clock, newId, onRestored: () => {} });
    const id = newId('asset');
    db.insert(assets).values({ id, sizeBytes: 5, state: 'stored', createdAt: 1 }).run();
    db.$client.close();
    mkdirSync(join(vaultFile(data, id), '..'), { recursive: true });
    writeFileSync(vaultFile(data, id), 'bytes');
    await call(['user', 'add', 'ana@example.test']);
    await call(['backup', '--to', join(data, 'backups', backup)]);
    await writeEvidence();
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  async function call(words: string[], env: Record<string, string> = {}) {
    const said: string[] = [];
    const output = {
      print: (line: string) => said.push(line),
      printError: (line: string) => said.push(line),
    };
    const code = await run(words, { TURNOVER_SETTINGS: devNull, TURNOVER_DATA: data, ...env }, output);
    return { code, said: said.join('\n') };
  }

  /** The seal and the export that a person has downloaded. */
  async function writeEvidence(): Promise<void> {
    await withHub(loadConfig({ TURNOVER_DATA: data }), async (ctx) => {
      writeFileSync(join(root, 'seal.json'), JSON.stringify(sealAuditLog(ctx)));
      let lines = '';
      for await (const piece of writeAuditLines(ctx, {})) lines += piece;
      writeFileSync(join(root, 'log.jsonl'), lines);
    });
  }

  /** The same words with the paths and people of this test. */
  function inTest(words: string): string {
    return words
      .replaceAll('<email>', 'ana@example.test')
      .replaceAll(/\b(seal\.json|log\.jsonl)\b/g, (name) => join(root, name))
      .replaceAll(/\/srv\/\w+|\/mnt\/offsite\/turnover|\/root\/restic-password/g, (path) => join(root, path));
  }

  test.each(ranHere)('%s', async (line) => {
    if (line.endsWith('restore --undo')) await call(['restore', backup, '--yes']);
    const { env, words } = readLine(inTest(line));
    if (env.TURNOVER_DATA) execFileSync('cp', ['-a', data, env.TURNOVER_DATA]);
    // There is nobody to ask.
    const { code, said } = await call(words[0] === 'restore' ? [...words, '--yes'] : words, env);
    expect(said).not.toMatch(/Usage:|There is no command/);
    expect({ code, said }).toMatchObject({ code: 0 });
  });

  const hasRestic = (process.env.PATH ?? '').split(':').some((folder) => existsSync(join(folder, 'restic')));
  test.skipIf(!hasRestic)('the steps with restic bring everything back (needs restic)', async () => {
    mkdirSync(join(root, 'root'));
    writeFileSync(join(root, 'root/restic-password'), 'a password of the test');
    const script = inTest(resticSteps.join('\n'));
    execFileSync('bash', ['-euc', script], { encoding: 'utf8', env: { ...process.env, HOME: root } });
    const restored = join(root, 'srv/restored');
    expect(readdirSync(join(restored, 'backups'))).toContain(backup);
    const { code, said } = await call(['restore', backup, '--yes'], { TURNOVER_DATA: restored });
    expect({ code, said }).toMatchObject({
      code: 0,
      said: expect.stringContaining('All of them are there.'),
    });
  });
});

/** Splits `NAME=value sudo -u turnover npm run turnover -- words` as a shell does. */
function readLine(line: string): { env: Record<string, string>; words: string[] } {
  const parts = (line.match(/(?:[^\s"]|"[^"]*")+/g) ?? []).map((part) => part.replaceAll('"', ''));
  const end = parts.findIndex((part) => !/^[A-Z_]+=/.test(part));
  const words = parts.slice(end);
  const npm = words.indexOf('--');
  return {
    env: Object.fromEntries(
      parts.slice(0, end).map((part): [string, string] => {
        const equals = part.indexOf('=');
        return [part.slice(0, equals), part.slice(equals + 1)];
      }),
    ),
    words: words.includes('npm') && npm >= 0 ? words.slice(npm + 1) : words,
  };
}
