// The settings of an installation, read from environment variables. Pure: entry points pass `process.env`.
import type { z } from 'zod';
import { settings, type Setting } from './settings.ts';

type Settings = typeof settings;
type Values = { [Key in keyof Settings]: z.output<Settings[Key]['value']> };

export type Config = Omit<Values, 'ownerEmail' | 'ownerPassword'> & {
  /** The owner to create in an empty data folder. */
  owner: { email: string; password: string } | undefined;
};

/** The limits that the services enforce. */
export function limitsOf(config: Config) {
  const { maxUploadBytes, spaceReserveBytes, personReserve, projectReserve, trashDays } = config;
  return {
    maxUploadBytes,
    spaceReserveBytes,
    personReserve,
    projectReserve,
    trashDays,
    clockAheadMs: config.clockAheadDays * 24 * 3600_000,
    clockBehindMs: config.clockBehindHours * 3600_000,
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

/** Loads the settings. An empty variable counts as not set, as in environment files of containers. */
export function loadConfig(env: Record<string, string | undefined>): Config {
  const problems: string[] = [];
  const values: Record<string, unknown> = {};
  for (const [key, setting] of Object.entries<Setting>(settings)) {
    const text = env[setting.name]?.trim() || setting.default;
    const result = setting.value.safeParse(text);
    if (result.success) values[key] = result.data;
    else problems.push(problemOf(setting, text));
  }
  const { ownerEmail, ownerPassword, ...config } = values as Values;
  const isSet = (name: string) => Boolean(env[name]?.trim());
  if (isSet(settings.ownerEmail.name) !== isSet(settings.ownerPassword.name)) {
    problems.push(`${settings.ownerEmail.name} and ${settings.ownerPassword.name}: set both or neither.`);
  }
  if (problems.length > 0) throw new ConfigError(problems);
  const owner = ownerEmail && ownerPassword ? { email: ownerEmail, password: ownerPassword } : undefined;
  return { ...config, owner };
}

function problemOf({ name, sentence, explain }: Setting, text: string | undefined): string {
  const explanation = text === undefined ? undefined : explain?.(text);
  return [`${name}: ${sentence}`, explanation].filter(Boolean).join(' ');
}
