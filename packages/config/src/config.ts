// The settings of an installation, parsed from the texts of its variables. Pure; load-settings.ts reads files.
import { join, resolve } from 'node:path';
import type { z } from 'zod';
import type { Schedule } from './rate-schedule.ts';
import { exampleLine, settings, type Setting } from './settings.ts';

type Settings = typeof settings;
type Values = { [Key in keyof Settings]: z.output<Settings[Key]['value']> };

export type Config = Omit<Values, 'ownerEmail' | 'ownerPassword'> & {
  /** The owner to create in an empty data folder. */
  owner: { email: string; password: string } | undefined;
};

/** The limits that the services enforce. */
export function limitsOf(config: Config) {
  const { maxUploadBytes, spaceReserveBytes, personReserve, projectReserve, trashDays, scrubDays } = config;
  return {
    maxUploadBytes,
    spaceReserveBytes,
    personReserve,
    projectReserve,
    trashDays,
    scrubDays,
    uploadRates: ratesOf(config.uploadRate, config.personUploadRate),
    downloadRates: ratesOf(config.downloadRate, config.personDownloadRate),
    clockAheadMs: config.clockAheadDays * 24 * 3600_000,
    clockBehindMs: config.clockBehindHours * 3600_000,
  };
}

function ratesOf(total: Schedule | undefined, person: Schedule | undefined) {
  const unlimited: Schedule = { spans: [], otherwise: null };
  return { total: total ?? unlimited, person: person ?? unlimited };
}

/** How the worker makes backups. */
export function backupsOf({ dataFolder, backupsFolder, backupAt, backupsKept }: Config) {
  return {
    folder: backupsFolder ?? join(resolve(dataFolder), 'backups'),
    at: backupAt,
    kept: backupsKept,
  };
}

/** How people sign in at an OpenID provider; undefined without one. */
export function oidcOf(config: Config) {
  const { oidcIssuer: issuer, oidcClientId: clientId } = config;
  if (issuer === undefined || clientId === undefined) return undefined;
  return {
    issuer,
    clientId,
    clientSecret: config.oidcClientSecret,
    scopes: config.oidcScopes,
    label: config.oidcLabel ?? new URL(issuer).hostname,
    groupsClaim: config.oidcGroupsClaim,
    roles: config.oidcRoles,
    companies: config.oidcCompanies,
    only: config.oidcOnly,
    newPeople: config.oidcNewPeople,
    trustsAddresses: config.oidcTrustAddresses,
    secondFactor: config.oidcSecondFactor,
  };
}

/** Thrown for invalid settings. Lists all problems, in sentences that never contain a value. */
export class ConfigError extends Error {
  readonly problems: string[];

  constructor(problems: string[]) {
    super(['These settings are not right:', ...problems.map((problem) => `  - ${problem}`)].join('\n'));
    this.name = 'ConfigError';
    this.problems = problems;
  }
}

/** The text of a setting. `place` is where to change it, as the beginning of a problem; empty for the environment. */
export type Given = { text: string; place: string };

/** What is set, by the name of its variable. */
export type GivenSettings = Map<string, Given>;

/** Reads settings from these variables alone. An empty variable counts as not set, as in environment files of containers. */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const given: GivenSettings = new Map();
  for (const { name } of Object.values<Setting>(settings)) {
    const text = env[name]?.trim();
    if (text) given.set(name, { text, place: '' });
  }
  return configOf(given, []);
}

/** Parses what is set. `earlier` are problems that were found while it was collected. */
export function configOf(given: GivenSettings, earlier: readonly string[]): Config {
  const problems = [...earlier];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting>(settings)) {
    const found = given.get(setting.name);
    const result = setting.value.safeParse(found?.text ?? setting.default);
    if (result.success) values[key] = result.data;
    else problems.push(problemOf(setting, found));
  }
  if (problems.length === 0) problems.push(...oidcProblems(given));
  const { ownerEmail, ownerPassword, ...config } = values as Values;
  // A password that could not be read has its own problem already.
  if (
    earlier.length === 0 &&
    given.has(settings.ownerEmail.name) !== given.has(settings.ownerPassword.name)
  ) {
    problems.push(`${settings.ownerEmail.name} and ${settings.ownerPassword.name}: set both or neither.`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const owner = ownerEmail && ownerPassword ? { email: ownerEmail, password: ownerPassword } : undefined;
  return { ...config, owner };
}

/** Each setting needs another one, which the problem says how to write. */
function oidcProblems(given: GivenSettings): string[] {
  const { oidcIssuer, oidcClientId, oidcOnly, publicUrl } = settings;
  const needs: [Setting, Setting, string][] = [
    [oidcIssuer, oidcClientId, 'the provider has to know which hub asks.'],
    [oidcIssuer, publicUrl, 'the provider sends people back there.'],
    [oidcClientId, oidcIssuer, 'it is the name of this hub there.'],
    [oidcOnly, oidcIssuer, 'otherwise nobody could sign in.'],
  ];
  return needs
    .filter(([one, other]) => given.has(one.name) && !given.has(other.name))
    .map(([one, other, why]) => {
      const { place } = given.get(one.name)!;
      return `${place}${one.name} needs ${other.name}: ${why} Write, for example: ${exampleLine(other)}`;
    });
}

function problemOf(setting: Setting, { text, place }: Given = { text: '', place: '' }): string {
  const { name, sentence, explain } = setting;
  const line = `Write, for example: ${exampleLine(setting)}`;
  return [`${place}${name}: ${sentence}`, explain?.(text), line].filter(Boolean).join(' ');
}
