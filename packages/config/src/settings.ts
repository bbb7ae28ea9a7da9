// The table of all settings: variable, default, sentence and parser. A new setting needs one entry here; `loadSettings`,
// `--help` and the self-hosting guide use it.
import { z } from 'zod';
import { parseRate, parseSchedule } from './rate-schedule.ts';

export type Setting = {
  name: string;
  /** The default value, written as in the variable. */
  default?: string;
  /** Text that the tables show instead of the default. */
  defaultWords?: string;
  /** Purpose and allowed values of the setting. It is also the error message for an invalid value. */
  sentence: string;
  /** Parses the text, or undefined when the variable is not set and has no default. */
  value: z.ZodType;
  /** Explains the most common mistake when the sentence alone does not help. */
  explain?: (text: string) => string | undefined;
  /** A valid value for the line that an error suggests, where the default is not one. */
  example?: string;
  /** True for a value that is never shown, and that can also be read from a file. */
  isSecret?: boolean;
  /** True for settings of tests: they work, but are not listed. */
  hidden?: boolean;
};

const GiB = 1024 ** 3;

const projectRole = /^(prj_[a-z2-7]{26}):(coordinator|partner|uploader|reviewer|workspace)$/;

/** The next port must exist too. */
const metricsAddressSchema = z.object({ host: z.string(), port: z.number().min(1).max(65_534) });

const scheduleWords =
  'a rate of 100kB or more, such as 50MB, or hours with rates and then the rate of all other hours, such as mon-fri 08:00-18:00 20MB, 100MB.';

export const settings = {
  settingsFile: {
    name: 'TURNOVER_SETTINGS',
    defaultWords: 'turnover.env beside the sources, if it exists',
    sentence: 'The file with further settings, one NAME=value a line: an absolute path.',
    example: '/etc/turnover/turnover.env',
    value: z.string().regex(/^\//).optional(),
  },
  dataFolder: {
    name: 'TURNOVER_DATA',
    default: './data',
    sentence: 'The folder that holds everything: database, uploads, assets. It must be on a local disk.',
    value: z.string(),
  },
  port: {
    name: 'PORT',
    default: '3000',
    sentence: 'The port to serve on: a whole number up to 65535; 0 takes any free one.',
    value: wholeNumber(0, 65_535),
  },
  host: {
    name: 'HOST',
    default: '127.0.0.1',
    sentence: 'The address to listen on: 127.0.0.1 is this machine only, 0.0.0.0 opens it to the network.',
    value: z.string().regex(/^[^\s/]+$/),
  },
  publicUrl: {
    name: 'TURNOVER_URL',
    defaultWords: 'the address listened on',
    sentence: 'The address people type, such as https://turnover.example: http or https, without a path.',
    example: 'https://turnover.example',
    value: z.string().refine(isOrigin).transform(readOrigin).optional(),
    explain: explainAddress,
  },
  ownerEmail: {
    name: 'TURNOVER_OWNER_EMAIL',
    sentence: 'The e-mail address of the owner who is created in an empty data folder.',
    example: 'owner@example.com',
    value: z.email({ pattern: z.regexes.html5Email }).max(254).optional(),
  },
  ownerPassword: {
    name: 'TURNOVER_OWNER_PASSWORD',
    sentence: 'The password of that owner: at least 12 characters.',
    example: 'a long password of yours',
    isSecret: true,
    value: z.string().min(12).optional(),
  },
  simulationSpeed: {
    name: 'TURNOVER_SIMULATION_SPEED',
    default: '60',
    sentence: 'How many times faster than in a real facility simulated encoding runs: a number above 0.',
    value: z
      .string()
      .regex(/^(\d+\.?\d*|\.\d+)$/)
      .transform(Number)
      .pipe(z.number().positive()),
  },
  trustedProxies: {
    name: 'TURNOVER_TRUSTED_PROXY',
    default: '',
    defaultWords: 'none',
    sentence:
      'Reverse proxies whose forwarded headers are trusted: addresses such as 10.0.0.2, networks such as 172.18.0.0/16, loopback or private, separated by commas.',
    example: 'loopback',
    value: z
      .string()
      .transform((list) => list.split(',').flatMap((part) => part.trim().toLowerCase() || []))
      .pipe(z.array(z.union([z.ipv4(), z.ipv6(), z.cidrv4(), z.cidrv6(), z.enum(['loopback', 'private'])]))),
  },
  nginxVault: {
    name: 'TURNOVER_NGINX_VAULT',
    defaultWords: 'none: the hub sends the bytes itself',
    sentence:
      'The internal location under which nginx reads the folder vault, so that it sends downloads: a path such as /turnover-vault/, with a slash at both ends.',
    example: '/turnover-vault/',
    value: z
      .string()
      .regex(/^\/([\w-]+\/)+$/)
      // A location of the hub's own would catch its requests.
      .regex(/^\/(?!(api|files|uploads|rounds|audit|evidence|healthz|p|_app)\/)/)
      .optional(),
  },
  maxUploadBytes: {
    name: 'TURNOVER_MAX_UPLOAD_BYTES',
    default: String(16 * 1024 * GiB),
    defaultWords: '16 TiB',
    sentence: 'The largest file that can be uploaded: a whole number of bytes.',
    value: wholeNumber(1, Number.MAX_SAFE_INTEGER),
  },
  spaceReserveBytes: {
    name: 'TURNOVER_SPACE_RESERVE_BYTES',
    default: String(GiB),
    defaultWords: '1 GiB',
    sentence: 'How much space uploads leave free on the disk: a whole number of bytes.',
    value: wholeNumber(0, Number.MAX_SAFE_INTEGER),
  },
  personReserve: {
    name: 'TURNOVER_PERSON_RESERVE',
    default: '75%',
    sentence:
      'How much one person’s unfinished uploads may reserve: a share of the space that is free and not reserved by others, such as 75%, or a whole number of bytes.',
    value: reserveCap(),
  },
  projectReserve: {
    name: 'TURNOVER_PROJECT_RESERVE',
    default: '90%',
    sentence:
      'How much the unfinished uploads of one project may reserve together: a share of the space that is free and not reserved by others, such as 90%, or a whole number of bytes.',
    value: reserveCap(),
  },
  uploadRate: {
    name: 'TURNOVER_UPLOAD_RATE',
    defaultWords: 'no limit',
    sentence: `How fast all uploads together may be, each second: ${scheduleWords}`,
    example: 'mon-fri 08:00-18:00 20MB, 100MB',
    value: rateSchedule(),
  },
  downloadRate: {
    name: 'TURNOVER_DOWNLOAD_RATE',
    defaultWords: 'no limit',
    sentence: `How fast all downloads together may be, each second: ${scheduleWords}`,
    example: 'mon-fri 08:00-18:00 20MB, 100MB',
    value: rateSchedule(),
  },
  personUploadRate: {
    name: 'TURNOVER_PERSON_UPLOAD_RATE',
    defaultWords: 'no limit',
    sentence: `How fast one person’s uploads together may be, each second: ${scheduleWords}`,
    example: 'mon-fri 08:00-18:00 20MB, 100MB',
    value: rateSchedule(),
  },
  personDownloadRate: {
    name: 'TURNOVER_PERSON_DOWNLOAD_RATE',
    defaultWords: 'no limit',
    sentence: `How fast one person’s downloads together may be, each second: ${scheduleWords}`,
    example: 'mon-fri 08:00-18:00 20MB, 100MB',
    value: rateSchedule(),
  },
  personUploads: {
    name: 'TURNOVER_PERSON_UPLOADS',
    default: '32',
    sentence: 'How many uploads one person may run at once: a whole number from 1 to 256.',
    value: wholeNumber(1, 256),
  },
  personDownloads: {
    name: 'TURNOVER_PERSON_DOWNLOADS',
    default: '16',
    sentence: 'How many downloads one person may run at once: a whole number from 1 to 64.',
    value: wholeNumber(1, 64),
  },
  minimumRate: {
    name: 'TURNOVER_MINIMUM_RATE',
    default: '1kB',
    sentence:
      'A sender who is slower than this for half a minute is disconnected, and can continue: kB or MB each second, such as 10kB; 0kB waits for everybody.',
    value: z.string().transform(parseRate).pipe(z.number().min(0).max(10_000_000)),
  },
  workerThreads: {
    name: 'TURNOVER_WORKER_THREADS',
    defaultWords: 'one per core, at most 8',
    sentence: 'How many threads hash and process files: a whole number from 1 to 256.',
    example: '2',
    value: wholeNumber(1, 256).optional(),
  },
  stageModules: {
    name: 'TURNOVER_STAGES',
    default: '',
    defaultWords: 'none',
    sentence:
      'Modules with processing stages of your own, as docs/stages.md describes: absolute paths or package names, separated by commas.',
    example: '/opt/stages/loud.mjs',
    value: z
      .string()
      .transform((list) => list.split(',').flatMap((part) => part.trim() || []))
      .pipe(z.array(z.string().regex(/^(\/.+|@[\w.-]+\/[\w.-]+|[\w-][\w.-]*)$/)).max(16)),
  },
  checksFile: {
    name: 'TURNOVER_CHECKS',
    defaultWords: 'none',
    sentence:
      'A JSON file with checks by programs and services of your own, as docs/checks.md describes: an absolute path.',
    example: '/etc/turnover/checks.json',
    value: z.string().regex(/^\/.+/).optional(),
  },
  smtpUrl: {
    name: 'TURNOVER_SMTP_URL',
    sentence:
      'The mail server, such as smtp://name:password@host:587, or smtps://… for TLS from the start. Without it nobody gets e-mail.',
    example: 'smtp://mail.example.com:587',
    isSecret: true,
    value: z.string().refine(isSmtpUrl).optional(),
  },
  mailFrom: {
    name: 'TURNOVER_MAIL_FROM',
    defaultWords: 'turnover@ the host of TURNOVER_URL',
    sentence: 'The sender of mails: an address, or a name and an address such as Turnover <hub@example.com>.',
    example: 'Turnover <hub@example.com>',
    value: z.string().max(320).refine(isSender).optional(),
  },
  oidcIssuer: {
    name: 'TURNOVER_OIDC_ISSUER',
    defaultWords: 'none: people sign in here only',
    sentence:
      'The OpenID provider at which people sign in: its issuer address, https, or http on this machine. docs/self-hosting.md says what to enter there.',
    example: 'https://login.example.com/realms/house',
    value: z.string().max(500).refine(isIssuer).optional(),
  },
  oidcClientId: {
    name: 'TURNOVER_OIDC_CLIENT_ID',
    sentence: 'The name of this hub at the OpenID provider, which calls it the client id.',
    example: 'turnover',
    value: z.string().max(300).optional(),
  },
  oidcClientSecret: {
    name: 'TURNOVER_OIDC_CLIENT_SECRET',
    sentence: 'The secret of this hub at the OpenID provider. A public client has none.',
    example: 'the secret that the provider shows',
    isSecret: true,
    value: z.string().max(1000).optional(),
  },
  oidcScopes: {
    name: 'TURNOVER_OIDC_SCOPES',
    default: 'openid email profile',
    sentence: 'What the hub asks the OpenID provider for: words separated by spaces, openid among them.',
    value: z
      .string()
      .max(500)
      .regex(/^[\x21\x23-\x5b\x5d-\x7e]+( [\x21\x23-\x5b\x5d-\x7e]+)*$/)
      .refine((scopes) => scopes.split(' ').includes('openid')),
  },
  oidcLabel: {
    name: 'TURNOVER_OIDC_LABEL',
    defaultWords: 'the host of TURNOVER_OIDC_ISSUER',
    sentence: 'How the sign-in page calls the OpenID provider: at most 60 characters.',
    example: 'Northlight',
    value: z
      .string()
      .regex(/^[^\p{Cc}]{1,60}$/u)
      .optional(),
  },
  oidcGroupsClaim: {
    name: 'TURNOVER_OIDC_GROUPS_CLAIM',
    default: 'groups',
    sentence: 'The claim in which the OpenID provider lists a person’s groups.',
    value: z.string().regex(/^[\x21-\x7e]{1,200}$/),
  },
  oidcRoles: {
    name: 'TURNOVER_OIDC_ROLES',
    default: '',
    defaultWords: 'none',
    sentence:
      'What groups of the OpenID provider may do, separated by semicolons: group=owner or group=project id:role. The roles are coordinator, partner, uploader, reviewer and workspace.',
    example: 'hub-admins=owner; editors=prj_aaaaaaaaaaaaaaaaaaaaaaaaaa:uploader',
    value: z.string().transform(pairsOf).pipe(z.array(groupRole()).max(1000)),
  },
  oidcCompanies: {
    name: 'TURNOVER_OIDC_COMPANIES',
    default: '',
    defaultWords: 'none',
    sentence:
      'The companies of people in groups of the OpenID provider, separated by semicolons: a group, an equals sign, and the name of a company. The first that fits counts.',
    example: 'staff=Northlight; vendor-a=Harbour Sound',
    value: z.string().transform(pairsOf).pipe(z.array(groupCompany()).max(1000)),
  },
  oidcOnly: {
    name: 'TURNOVER_OIDC_ONLY',
    default: 'no',
    sentence:
      'Whether people sign in at the OpenID provider only, so that passwords and passkeys sign nobody in: yes or no.',
    value: yesOrNo(),
  },
  oidcNewPeople: {
    name: 'TURNOVER_OIDC_NEW_PEOPLE',
    default: 'invited',
    sentence:
      'Who gets an account at the first sign-in at the OpenID provider: invited, only people with an invitation; groups, also those whom TURNOVER_OIDC_ROLES gives a role; or everybody.',
    value: z.enum(['invited', 'groups', 'everybody']),
  },
  oidcTrustAddresses: {
    name: 'TURNOVER_OIDC_TRUST_ADDRESSES',
    default: 'no',
    sentence:
      'Whether an address makes a new account although the OpenID provider does not say that it is confirmed: yes or no. Only for a provider where nobody chooses their own address.',
    value: yesOrNo(),
  },
  oidcSecondFactor: {
    name: 'TURNOVER_OIDC_SECOND_FACTOR',
    default: 'hub',
    sentence:
      'Who asks for the second factor after a sign-in at the OpenID provider: hub; provider, whose every sign-in then counts as two factors; or amr, where the hub asks unless the provider says that it did.',
    value: z.enum(['hub', 'provider', 'amr']),
  },
  trashDays: {
    name: 'TURNOVER_TRASH_DAYS',
    default: '30',
    sentence:
      'After how many days files in the trash and replaced versions are deleted for good: a whole number from 1 to 3650.',
    value: wholeNumber(1, 3650),
  },
  scrubDays: {
    name: 'TURNOVER_SCRUB_DAYS',
    default: '30',
    sentence:
      'Within how many days each stored file is read again and compared with its checksum: a whole number up to 3650; 0 switches it off.',
    value: wholeNumber(0, 3650),
  },
  backupAt: {
    name: 'TURNOVER_BACKUP_AT',
    default: '02:00',
    sentence:
      'When the worker makes a backup of the database every day: a time such as 02:00, in the time zone of the machine, or off.',
    value: timeOfDay(),
  },
  backupsFolder: {
    name: 'TURNOVER_BACKUPS',
    defaultWords: 'backups in TURNOVER_DATA',
    sentence:
      'The folder for backups, better on another disk: the absolute path of a folder that exists and belongs to this hub alone.',
    example: '/mnt/backups',
    value: z
      .string()
      .regex(/^\/.*[^/]$/)
      .optional(),
  },
  backupsKept: {
    name: 'TURNOVER_BACKUPS_KEPT',
    default: '14',
    sentence: 'How many of the worker’s backups are kept: a whole number from 1 to 1000.',
    value: wholeNumber(1, 1000),
  },
  clockAheadDays: {
    name: 'TURNOVER_CLOCK_AHEAD_DAYS',
    default: '7',
    sentence:
      'How many days the clock may jump ahead of its last trusted time. Beyond that, nothing is deleted until an owner confirms the time: a whole number from 1 to 3650.',
    value: wholeNumber(1, 3650),
  },
  clockBehindHours: {
    name: 'TURNOVER_CLOCK_BEHIND_HOURS',
    default: '24',
    sentence:
      'How many hours the clock may fall behind its last trusted time: a whole number from 1 to 87600.',
    value: wholeNumber(1, 87_600),
  },
  stateFolder: {
    name: 'TURNOVER_STATE',
    defaultWords: '~/.local/state/turnover',
    sentence:
      'The folder, outside of TURNOVER_DATA, in which this machine records the hubs it has run, so that it notices when a disk is not mounted.',
    example: '/var/lib/turnover-state',
    value: z.string().optional(),
  },
  startAnew: {
    name: 'TURNOVER_START_ANEW',
    sentence: 'The id of a hub whose data folder is lost for good, so that a new hub may start in its place.',
    example: 'hub_…',
    value: z.string().optional(),
  },
  acceptMissingFiles: {
    name: 'TURNOVER_ACCEPT_MISSING_FILES',
    default: 'no',
    sentence: 'Whether to start although files are permanently missing from the vault: yes or no.',
    value: yesOrNo(),
  },
  metricsAddress: {
    name: 'TURNOVER_METRICS_ADDRESS',
    defaultWords: 'off',
    sentence:
      'Where Prometheus reads the metrics of the web process: a port of this machine such as 9464, or an address and a port such as 10.0.0.5:9464. Those of the worker are on the next port.',
    example: '9464',
    value: z.string().transform(parseAddress).pipe(metricsAddressSchema).optional(),
  },
  log: {
    name: 'TURNOVER_LOG',
    default: 'info',
    sentence: 'How much is logged: silent, error, info or debug.',
    value: z.enum(['silent', 'error', 'info', 'debug']),
  },
  logFormat: {
    name: 'TURNOVER_LOG_FORMAT',
    default: 'auto',
    sentence: 'How the log is written: text, json, or auto, which is text on a terminal and json elsewhere.',
    value: z.enum(['auto', 'text', 'json']),
  },
  crashAt: {
    name: 'TURNOVER_CRASH_AT',
    sentence: 'For testing: the crash point at which the process ends at once.',
    example: 'finalize.beforeRename',
    value: z.string().optional(),
    hidden: true,
  },
} satisfies Record<string, Setting>;

/** The variable that names a file with a secret. */
export function secretFileName({ name }: Pick<Setting, 'name'>): string {
  return `${name}_FILE`;
}

/** A line that sets the setting and is right. */
export function exampleLine({ name, example, default: byDefault }: Setting): string {
  return `${name}=${example ?? byDefault}`;
}

/** Returns the Markdown table for the self-hosting guide. */
export function settingsTable(): string {
  const rows = listedSettings().map(
    (setting) => `| \`${setting.name}\` | ${defaultOf(setting)} | ${setting.sentence}${fileNote(setting)} |`,
  );
  return ['| variable | default | what it does |', '| --- | --- | --- |', ...rows].join('\n');
}

/** Returns the list of settings for `--help`. */
export function settingsHelp(): string {
  return listedSettings()
    .map(
      (setting) =>
        `${setting.name}\n    ${setting.sentence}\n    Default: ${defaultOf(setting)}${fileWords(setting)}`,
    )
    .join('\n');
}

function listedSettings(): Setting[] {
  return Object.values<Setting>(settings).filter((setting) => !setting.hidden);
}

function fileNote(setting: Setting): string {
  return setting.isSecret ? ` \`${secretFileName(setting)}\` names a file that holds it.` : '';
}

function fileWords(setting: Setting): string {
  return setting.isSecret ? `\n    Or ${secretFileName(setting)}: a file that holds it` : '';
}

function defaultOf(setting: Setting): string {
  return setting.defaultWords ?? setting.default ?? 'not set';
}

function wholeNumber(min: number, max: number) {
  return z.string().regex(/^\d+$/).transform(Number).pipe(z.number().min(min).max(max));
}

/** Parses `9464`, `10.0.0.5:9464` or `[::1]:9464`. A port alone is of this machine only. */
function parseAddress(text: string): unknown {
  const [, host = '127.0.0.1', port] = /^(?:([\w.-]+|\[[\da-f:.]+\]):)?(\d{1,5})$/i.exec(text) ?? [];
  return { host: host.replace(/^\[|\]$/g, ''), port: Number(port) };
}

function rateSchedule() {
  return z
    .string()
    .transform(parseSchedule)
    .pipe(z.custom<NonNullable<ReturnType<typeof parseSchedule>>>((schedule) => schedule !== null))
    .optional();
}

/** Parses a time such as `02:00`; null for `off`. */
function timeOfDay() {
  return z
    .string()
    .regex(/^(([01]\d|2[0-3]):[0-5]\d|off)$/)
    .transform((text) => {
      const [hours, minutes] = text.split(':').map(Number);
      return text === 'off' ? null : { hours: hours!, minutes: minutes! };
    });
}

/** Parses a percentage such as `75%`, or a number of bytes. */
function reserveCap() {
  return z
    .string()
    .regex(/^(\d+|([1-9]\d?|100)%)$/)
    .transform((text): { percent: number } | { bytes: number } => {
      const number = Number(text.replace('%', ''));
      return text.endsWith('%') ? { percent: number } : { bytes: number };
    })
    .refine((cap) => 'percent' in cap || (cap.bytes > 0 && Number.isSafeInteger(cap.bytes)));
}

function yesOrNo() {
  return z.enum(['yes', 'no']).transform((word) => word === 'yes');
}

/** Splits `a=b; c=d`. Names of groups may contain an equals sign, so the last one counts. */
function pairsOf(list: string): { group: string; given: string }[] {
  return list.split(';').flatMap((pair) => {
    const at = pair.lastIndexOf('=');
    if (pair.trim() === '') return [];
    return { group: pair.slice(0, Math.max(at, 0)).trim(), given: pair.slice(at + 1).trim() };
  });
}

type ProjectRole = 'coordinator' | 'partner' | 'uploader' | 'reviewer' | 'workspace';
type Gives = { role: 'owner' } | { role: ProjectRole; projectId: string };

function groupRole() {
  return z
    .object({
      group: z.string().min(1),
      given: z
        .string()
        .regex(/^owner$/)
        .or(z.string().regex(projectRole)),
    })
    .transform(({ group, given }): { group: string; gives: Gives } => {
      const [, projectId, role] = projectRole.exec(given) ?? [];
      const gives = projectId ? { role: role as ProjectRole, projectId } : ({ role: 'owner' } as const);
      return { group, gives };
    });
}

function groupCompany() {
  return z
    .object({ group: z.string().min(1), given: z.string().regex(/^[^\p{Cc}]{1,120}$/u) })
    .transform(({ group, given }) => ({ group, company: given }));
}

/** Over plain http somebody on the way could answer in the provider's place, so it is for this machine only. */
function isIssuer(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, search, hash, username } = new URL(text);
  const isHere = /^(localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
  return (protocol === 'https:' || (protocol === 'http:' && isHere)) && !search && !hash && !username;
}

function isSmtpUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname } = new URL(text);
  return /^smtps?:$/.test(protocol) && hostname !== '';
}

/**
 * Returns true for a valid sender. Refuses a name with characters that have a meaning in mail headers, instead of
 * quoting it.
 */
function isSender(text: string): boolean {
  const address = /^[^<>"@,;:\\\p{Cc}]+ <([^<>]*)>$/u.exec(text)?.[1] ?? text;
  return z.email({ pattern: z.regexes.html5Email }).max(254).safeParse(address).success;
}

function isOrigin(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const url = new URL(text);
  return /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
}

function explainAddress(text: string): string | undefined {
  if (!URL.canParse(text) || !/^https?:/i.test(text)) {
    return 'Begin with http:// or https://, as in a browser.';
  }
  const { pathname, search, hash, username } = new URL(text);
  if (username) return 'Leave out a user name and a password.';
  if (pathname === '/' && !search && !hash) return undefined;
  return 'Turnover cannot be served below a path: give it a host name of its own, such as turnover.example, and leave out everything after it.';
}

function readOrigin(text: string): string {
  return new URL(text).origin;
}
