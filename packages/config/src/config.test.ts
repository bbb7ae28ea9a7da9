import { describe, expect, test } from 'vitest';
import { ConfigError, loadConfig } from './config.ts';
import { exampleLine, settings, settingsHelp, settingsTable, type Setting } from './settings.ts';

function problemsOf(env: Record<string, string | undefined>): string[] {
  try {
    loadConfig(env);
  } catch (error) {
    if (error instanceof ConfigError) return error.problems;
    throw error;
  }
  return [];
}

const officeHours = (days: number[], bytesPerSecond: number) => ({
  days,
  fromMinute: 8 * 60,
  toMinute: 18 * 60,
  bytesPerSecond,
});

test('uses the defaults when nothing is set', () => {
  expect(loadConfig({})).toEqual({
    settingsFile: undefined,
    dataFolder: './data',
    port: 3000,
    host: '127.0.0.1',
    publicUrl: undefined,
    owner: undefined,
    simulationSpeed: 60,
    trustedProxies: [],
    maxUploadBytes: 16 * 1024 ** 4,
    spaceReserveBytes: 1024 ** 3,
    personReserve: { percent: 75 },
    projectReserve: { percent: 90 },
    personUploads: 32,
    personDownloads: 16,
    minimumRate: 1000,
    workerThreads: undefined,
    stageModules: [],
    smtpUrl: undefined,
    mailFrom: undefined,
    oidcIssuer: undefined,
    oidcClientId: undefined,
    oidcClientSecret: undefined,
    oidcScopes: 'openid email profile',
    oidcLabel: undefined,
    oidcGroupsClaim: 'groups',
    oidcRoles: [],
    oidcCompanies: [],
    oidcOnly: false,
    oidcNewPeople: 'invited',
    oidcTrustAddresses: false,
    oidcSecondFactor: 'hub',
    trashDays: 30,
    scrubDays: 30,
    backupAt: { hours: 2, minutes: 0 },
    backupsFolder: undefined,
    backupsKept: 14,
    clockAheadDays: 7,
    clockBehindHours: 24,
    stateFolder: undefined,
    startAnew: undefined,
    acceptMissingFiles: false,
    metricsAddress: undefined,
    log: 'info',
    logFormat: 'auto',
    crashAt: undefined,
  });
});

test('treats an empty variable as not set', () => {
  const empty = Object.fromEntries(Object.values(settings).map((setting) => [setting.name, ' ']));
  expect(loadConfig(empty)).toEqual(loadConfig({}));
});

test('reads every variable', () => {
  const config = loadConfig({
    TURNOVER_SETTINGS: '/etc/turnover.env',
    TURNOVER_DATA: '/srv/turn over',
    PORT: '0',
    HOST: '::',
    TURNOVER_URL: 'https://Hub.example:8443/',
    TURNOVER_OWNER_EMAIL: 'owner@localhost',
    TURNOVER_OWNER_PASSWORD: 'correct horse battery',
    TURNOVER_SIMULATION_SPEED: '0.5',
    TURNOVER_TRUSTED_PROXY: '172.17.0.1, ::1, 172.18.0.0/16,fd00::/8, Loopback,',
    TURNOVER_MAX_UPLOAD_BYTES: '1000',
    TURNOVER_SPACE_RESERVE_BYTES: '0',
    TURNOVER_PERSON_RESERVE: '100%',
    TURNOVER_PROJECT_RESERVE: '5000',
    TURNOVER_UPLOAD_RATE: 'mon-fri 08:00-18:00 20MB, 100MB',
    TURNOVER_DOWNLOAD_RATE: '50MB',
    TURNOVER_PERSON_UPLOAD_RATE: '08:00-18:00 5MB',
    TURNOVER_PERSON_DOWNLOAD_RATE: '1GB',
    TURNOVER_PERSON_UPLOADS: '4',
    TURNOVER_PERSON_DOWNLOADS: '2',
    TURNOVER_MINIMUM_RATE: '0kB',
    TURNOVER_WORKER_THREADS: '3',
    TURNOVER_STAGES: '/opt/stages/loud.mjs, @x-studio/stages,peak,',
    TURNOVER_SMTP_URL: 'smtps://hub%40example:secret@mail.example:465',
    TURNOVER_MAIL_FROM: 'Turnover <hub@mail.example>',
    TURNOVER_OIDC_ISSUER: 'https://login.example/realms/house',
    TURNOVER_OIDC_CLIENT_ID: 'turnover',
    TURNOVER_OIDC_CLIENT_SECRET: 'a secret',
    TURNOVER_OIDC_SCOPES: 'openid email groups',
    TURNOVER_OIDC_LABEL: 'Northlight',
    TURNOVER_OIDC_GROUPS_CLAIM: 'https://login.example/groups',
    TURNOVER_OIDC_ROLES: `admins=owner; CN=editors,DC=x=prj_${'a'.repeat(26)}:uploader;`,
    TURNOVER_OIDC_COMPANIES: '/staff = Northlight VFX; vendor=Harbour Sound',
    TURNOVER_OIDC_ONLY: 'yes',
    TURNOVER_OIDC_NEW_PEOPLE: 'groups',
    TURNOVER_OIDC_TRUST_ADDRESSES: 'yes',
    TURNOVER_OIDC_SECOND_FACTOR: 'amr',
    TURNOVER_TRASH_DAYS: '7',
    TURNOVER_SCRUB_DAYS: '60',
    TURNOVER_BACKUP_AT: '14:30',
    TURNOVER_BACKUPS: '/mnt/backups',
    TURNOVER_BACKUPS_KEPT: '30',
    TURNOVER_CLOCK_AHEAD_DAYS: '14',
    TURNOVER_CLOCK_BEHIND_HOURS: '48',
    TURNOVER_STATE: '/var/lib/turnover',
    TURNOVER_START_ANEW: 'hub_x',
    TURNOVER_ACCEPT_MISSING_FILES: 'yes',
    TURNOVER_METRICS_ADDRESS: '[::1]:9464',
    TURNOVER_LOG: 'silent',
    TURNOVER_LOG_FORMAT: 'json',
    TURNOVER_CRASH_AT: 'finalize.beforeRename',
  });
  expect(config).toEqual({
    settingsFile: '/etc/turnover.env',
    dataFolder: '/srv/turn over',
    port: 0,
    host: '::',
    publicUrl: 'https://hub.example:8443',
    owner: { email: 'owner@localhost', password: 'correct horse battery' },
    simulationSpeed: 0.5,
    trustedProxies: ['172.17.0.1', '::1', '172.18.0.0/16', 'fd00::/8', 'loopback'],
    maxUploadBytes: 1000,
    spaceReserveBytes: 0,
    personReserve: { percent: 100 },
    projectReserve: { bytes: 5000 },
    uploadRate: { spans: [officeHours([1, 2, 3, 4, 5], 20_000_000)], otherwise: 100_000_000 },
    downloadRate: { spans: [], otherwise: 50_000_000 },
    personUploadRate: { spans: [officeHours([0, 1, 2, 3, 4, 5, 6], 5_000_000)], otherwise: null },
    personDownloadRate: { spans: [], otherwise: 1_000_000_000 },
    personUploads: 4,
    personDownloads: 2,
    minimumRate: 0,
    workerThreads: 3,
    stageModules: ['/opt/stages/loud.mjs', '@x-studio/stages', 'peak'],
    smtpUrl: 'smtps://hub%40example:secret@mail.example:465',
    mailFrom: 'Turnover <hub@mail.example>',
    oidcIssuer: 'https://login.example/realms/house',
    oidcClientId: 'turnover',
    oidcClientSecret: 'a secret',
    oidcScopes: 'openid email groups',
    oidcLabel: 'Northlight',
    oidcGroupsClaim: 'https://login.example/groups',
    oidcRoles: [
      { group: 'admins', gives: { role: 'owner' } },
      { group: 'CN=editors,DC=x', gives: { role: 'uploader', projectId: `prj_${'a'.repeat(26)}` } },
    ],
    oidcCompanies: [
      { group: '/staff', company: 'Northlight VFX' },
      { group: 'vendor', company: 'Harbour Sound' },
    ],
    oidcOnly: true,
    oidcNewPeople: 'groups',
    oidcTrustAddresses: true,
    oidcSecondFactor: 'amr',
    trashDays: 7,
    scrubDays: 60,
    backupAt: { hours: 14, minutes: 30 },
    backupsFolder: '/mnt/backups',
    backupsKept: 30,
    clockAheadDays: 14,
    clockBehindHours: 48,
    stateFolder: '/var/lib/turnover',
    startAnew: 'hub_x',
    acceptMissingFiles: true,
    metricsAddress: { host: '::1', port: 9464 },
    log: 'silent',
    logFormat: 'json',
    crashAt: 'finalize.beforeRename',
  });
});

describe('reports an invalid value with the sentence of its variable', () => {
  test.each([
    ['PORT', '65536'],
    ['TURNOVER_PERSON_RESERVE', '0%'],
    ['TURNOVER_PERSON_RESERVE', '101%'],
    ['TURNOVER_PROJECT_RESERVE', '0'],
    ['TURNOVER_PROJECT_RESERVE', '99999999999999999999'],
    ['TURNOVER_PROJECT_RESERVE', 'half'],
    ['TURNOVER_UPLOAD_RATE', '20'],
    ['TURNOVER_DOWNLOAD_RATE', '99kB'],
    ['TURNOVER_PERSON_UPLOAD_RATE', '100MB, 08:00-18:00 20MB'],
    ['TURNOVER_PERSON_DOWNLOAD_RATE', '8-18 20MB'],
    ['TURNOVER_PERSON_UPLOADS', '0'],
    ['TURNOVER_PERSON_DOWNLOADS', '65'],
    ['TURNOVER_MINIMUM_RATE', '1'],
    ['TURNOVER_MINIMUM_RATE', '11MB'],
    ['PORT', '3e3'],
    ['HOST', 'http://0.0.0.0'],
    ['TURNOVER_URL', 'hub.example'],
    ['TURNOVER_URL', 'ftp://hub.example'],
    ['TURNOVER_URL', 'https://name:word@hub.example'],
    ['TURNOVER_SIMULATION_SPEED', '0'],
    ['TURNOVER_SIMULATION_SPEED', '-1'],
    ['TURNOVER_SIMULATION_SPEED', 'fast'],
    ['TURNOVER_TRUSTED_PROXY', '10.0.0.1,proxy.example'],
    ['TURNOVER_TRUSTED_PROXY', '10.0.0.0/33'],
    ['TURNOVER_TRUSTED_PROXY', 'public'],
    ['TURNOVER_MAX_UPLOAD_BYTES', '0'],
    ['TURNOVER_MAX_UPLOAD_BYTES', '1.5'],
    ['TURNOVER_SPACE_RESERVE_BYTES', '99999999999999999999'],
    ['TURNOVER_WORKER_THREADS', '0'],
    ['TURNOVER_STAGES', './loud.mjs'],
    ['TURNOVER_STAGES', 'https://stages.example/loud.mjs'],
    ['TURNOVER_SMTP_URL', 'mail.example:25'],
    ['TURNOVER_SMTP_URL', 'https://mail.example'],
    ['TURNOVER_SMTP_URL', 'smtp://'],
    ['TURNOVER_MAIL_FROM', 'Turnover'],
    ['TURNOVER_MAIL_FROM', 'Hub <hub@example.com>, other@example.com'],
    ['TURNOVER_MAIL_FROM', 'Hub\r\nBcc: x <hub@example.com>'],
    ['TURNOVER_OIDC_ISSUER', 'http://login.example'],
    ['TURNOVER_OIDC_ISSUER', 'https://login.example/?realm=house'],
    ['TURNOVER_OIDC_SCOPES', 'email profile'],
    ['TURNOVER_OIDC_LABEL', 'x'.repeat(61)],
    ['TURNOVER_OIDC_GROUPS_CLAIM', 'my groups'],
    ['TURNOVER_OIDC_ROLES', 'admins'],
    ['TURNOVER_OIDC_ROLES', '=owner'],
    ['TURNOVER_OIDC_ROLES', 'admins=chief'],
    ['TURNOVER_OIDC_ROLES', 'editors=prj_short:uploader'],
    ['TURNOVER_OIDC_ROLES', `editors=prj_${'a'.repeat(26)}:owner`],
    ['TURNOVER_OIDC_COMPANIES', 'staff='],
    ['TURNOVER_OIDC_NEW_PEOPLE', 'nobody'],
    ['TURNOVER_OIDC_TRUST_ADDRESSES', 'maybe'],
    ['TURNOVER_OIDC_SECOND_FACTOR', 'yes'],
    ['TURNOVER_TRASH_DAYS', '0'],
    ['TURNOVER_BACKUP_AT', '24:00'],
    ['TURNOVER_BACKUP_AT', '2:00'],
    ['TURNOVER_BACKUP_AT', 'daily'],
    ['TURNOVER_BACKUPS', 'backups'],
    ['TURNOVER_BACKUPS_KEPT', '0'],
    ['TURNOVER_LOG', 'loud'],
  ])('%s=%s', (name, value) => {
    const setting = Object.values<Setting>(settings).find((each) => each.name === name)!;
    const line = `Write, for example: ${exampleLine(setting)}`;
    const [problem, ...more] = problemsOf({ [name]: value });
    expect(more).toEqual([]);
    // TURNOVER_URL also says what is wrong with the value.
    if (name === 'TURNOVER_URL') expect(problem).toContain(`${name}: ${setting.sentence} `);
    else expect(problem).toBe(`${name}: ${setting.sentence} ${line}`);
    expect(problem).toContain(line);
  });

  test.each([
    ['https://hub.example/turnover', 'cannot be served below a path'],
    ['https://hub.example/turnover/', 'cannot be served below a path'],
    ['http://192.168.1.20:3000/hub', 'cannot be served below a path'],
    ['https://hub.example/?from=mail', 'cannot be served below a path'],
    ['https://hub.example/#x', 'cannot be served below a path'],
    ['hub.example', 'Begin with http:// or https://'],
    ['hub.example:3000', 'Begin with http:// or https://'],
    ['//hub.example', 'Begin with http:// or https://'],
    ['https://name:word@hub.example', 'user name and a password'],
  ])('refuses the address %s with a sentence of its own that does not repeat it', (value, words) => {
    const [problem] = problemsOf({ TURNOVER_URL: value });
    expect(problem).toContain(words);
    expect(problem).not.toContain('hub.example');
    expect(problem).toMatch(/Write, for example: TURNOVER_URL=https:\/\/turnover\.example$/);
  });
});

test('suggests a valid line for every setting', () => {
  for (const setting of Object.values<Setting>(settings)) {
    const [name, ...value] = exampleLine(setting).split('=');
    expect(name).toBe(setting.name);
    expect(setting.value.safeParse(value.join('=')).success, setting.name).toBe(true);
  }
});

test('requires both variables of the owner', () => {
  const both = ['TURNOVER_OWNER_EMAIL and TURNOVER_OWNER_PASSWORD: set both or neither.'];
  expect(problemsOf({ TURNOVER_OWNER_EMAIL: 'owner@hub.example' })).toEqual(both);
  expect(problemsOf({ TURNOVER_OWNER_PASSWORD: 'correct horse battery' })).toEqual(both);
});

describe('says which setting an OpenID provider needs too', () => {
  const all = {
    TURNOVER_URL: 'https://hub.example',
    TURNOVER_OIDC_ISSUER: 'https://login.example',
    TURNOVER_OIDC_CLIENT_ID: 'turnover',
    TURNOVER_OIDC_ONLY: 'yes',
  };
  const without = (...names: string[]) =>
    problemsOf(Object.fromEntries(Object.entries(all).filter(([name]) => !names.includes(name))));

  test.each([
    [['TURNOVER_URL'], ['TURNOVER_OIDC_ISSUER needs TURNOVER_URL: the provider sends people back there.']],
    [['TURNOVER_OIDC_CLIENT_ID'], ['TURNOVER_OIDC_ISSUER needs TURNOVER_OIDC_CLIENT_ID: ']],
    [
      ['TURNOVER_OIDC_ISSUER'],
      [
        'TURNOVER_OIDC_CLIENT_ID needs TURNOVER_OIDC_ISSUER: ',
        'TURNOVER_OIDC_ONLY needs TURNOVER_OIDC_ISSUER: ',
      ],
    ],
  ])('without %s', (names, expected) => {
    expect(without()).toEqual([]);
    const problems = without(...names);
    expect(problems).toHaveLength(expected.length);
    for (const [index, words] of expected.entries()) {
      expect(problems[index]).toContain(words);
      expect(problems[index]).toMatch(/ Write, for example: TURNOVER_\w+=./);
    }
  });
});

test('reports all problems at once, without values', () => {
  const env = {
    PORT: 'secret-port',
    TURNOVER_OWNER_EMAIL: 'secret mail',
    TURNOVER_OWNER_PASSWORD: 'secret-word',
  };
  const problems = problemsOf(env);
  expect(problems.map((problem) => problem.split(':')[0])).toEqual([
    'PORT',
    'TURNOVER_OWNER_EMAIL',
    'TURNOVER_OWNER_PASSWORD',
  ]);
  expect(new ConfigError(problems).message).not.toContain('secret');
});

test('lists every setting except hidden ones', () => {
  for (const setting of Object.values(settings)) {
    const isListed = setting.name !== 'TURNOVER_CRASH_AT';
    expect(settingsHelp().includes(`${setting.name}\n    ${setting.sentence}`)).toBe(isListed);
    expect(settingsTable().includes(`| \`${setting.name}\` |`)).toBe(isListed);
  }
  expect(settingsHelp()).toContain('Default: 16 TiB');
  expect(settingsHelp()).toContain('Or TURNOVER_SMTP_URL_FILE: a file that holds it');
});
