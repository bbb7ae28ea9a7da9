/**
 * Collects the settings of an installation and where each of them comes from: the environment, the file turnover.env, a file
 * that holds one secret, or the default. The environment wins over the file.
 */
import { readFileSync, statSync } from 'node:fs';
import { isAbsolute, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { configOf, type Config, type Given, type GivenSettings } from './config.ts';
import { parseSettingsFile, type ParsedFile } from './settings-file.ts';
import { secretFileName, settings, type Setting } from './settings.ts';

export type SettingSource = 'default' | 'environment' | 'file' | 'secretFile';

export type SettingInForce = {
  name: string;
  sentence: string;
  source: SettingSource;
  /** As it was written, or the default. Undefined when it is not set, and for secrets always. */
  text: string | undefined;
  isSecret: boolean;
};

export type LoadedSettings = { config: Config; inForce: SettingInForce[] };

type Environment = Record<string, string | undefined>;

/** The variables of one place. `placeOf` says where to change one, as the beginning of a problem. */
type Layer = {
  source: 'environment' | 'file';
  get(name: string): string | undefined;
  placeOf(name: string): string;
};

const sourcesFolder = fileURLToPath(new URL('../../..', import.meta.url));
const maxFileBytes = 65_536;

/** Loads the settings, or throws a ConfigError. Relative folders count from the folder of the sources. */
export function loadSettings(env: Environment, folder = sourcesFolder): LoadedSettings {
  const problems: string[] = [];
  const layers = [environmentLayer(env), fileLayer(env, folder, problems)];
  const given: GivenSettings = new Map();
  const sources = new Map<string, SettingSource>();
  for (const setting of Object.values<Setting>(settings)) {
    const layer = layers.find((each) => namesOf(setting).some((name) => each.get(name) !== undefined));
    if (!layer) continue;
    const found = readFrom(layer, setting);
    if ('problem' in found) problems.push(found.problem);
    else given.set(setting.name, found.given);
    sources.set(setting.name, 'given' in found && found.isFromFile ? 'secretFile' : layer.source);
  }
  const config = configOf(given, problems);
  return {
    config: { ...config, ...absoluteFolders(config, folder) },
    inForce: Object.values<Setting>(settings)
      .filter((setting) => !setting.hidden || given.has(setting.name))
      .map((setting) => inForce(setting, given, sources)),
  };
}

function absoluteFolders({ dataFolder, stateFolder }: Config, folder: string) {
  return {
    dataFolder: resolve(folder, dataFolder),
    stateFolder: stateFolder === undefined ? undefined : resolve(folder, stateFolder),
  };
}

function inForce(
  setting: Setting,
  given: GivenSettings,
  sources: Map<string, SettingSource>,
): SettingInForce {
  const { name, sentence, isSecret = false } = setting;
  const text = given.get(name)?.text ?? setting.default;
  return {
    name,
    sentence,
    isSecret,
    source: sources.get(name) ?? 'default',
    text: isSecret ? undefined : text,
  };
}

function namesOf(setting: Setting): string[] {
  return setting.isSecret ? [setting.name, secretFileName(setting)] : [setting.name];
}

function environmentLayer(env: Environment): Layer {
  return { source: 'environment', get: (name) => env[name]?.trim() || undefined, placeOf: () => '' };
}

function fileLayer(env: Environment, folder: string, problems: string[]): Layer {
  const { path, lines } = readSettingsFile(env, folder, problems);
  return {
    source: 'file',
    get: (name) => lines.get(name)?.text.trim() || undefined,
    placeOf: (name) => `${path}:${lines.get(name)?.line}: `,
  };
}

function readSettingsFile(env: Environment, folder: string, problems: string[]) {
  const { name } = settings.settingsFile;
  const chosen = env[name]?.trim();
  const path = chosen || join(folder, 'turnover.env');
  const nothing: ParsedFile['lines'] = new Map();
  if (chosen && !isAbsolute(chosen)) return { path, lines: nothing };
  const read = readSmallFile(path);
  if (read.content === undefined) {
    const isAbsent = read.problem === absent;
    if (chosen || !isAbsent) {
      problems.push(
        `${path}: The file of settings ${read.problem}. Make it readable, or set ${name} to another file.`,
      );
    }
    return { path, lines: nothing };
  }
  const parsed = parseSettingsFile(read.content);
  problems.push(...parsed.problems.map((problem) => `${path}:${problem}`));
  return { path, lines: parsed.lines };
}

type Found = { given: Given; isFromFile: boolean } | { problem: string };

function readFrom(layer: Layer, setting: Setting): Found {
  const { name } = setting;
  const text = layer.get(name);
  const fileName = secretFileName(setting);
  const path = setting.isSecret ? layer.get(fileName) : undefined;
  if (path === undefined) return { given: { text: text!, place: layer.placeOf(name) }, isFromFile: false };
  const place = layer.placeOf(fileName);
  if (text !== undefined) {
    return { problem: `${place}${name} and ${fileName} are both set. Keep one of them.` };
  }
  const secret = readSecret(path);
  if ('given' in secret) return { given: { text: secret.given, place }, isFromFile: true };
  return {
    problem: `${place}${fileName}: ${secret.problem} Write, for example: ${fileName}=/etc/turnover/${exampleFile(name)}`,
  };
}

/** The messages do not repeat the path: somebody may have written the secret itself there. */
function readSecret(path: string): { given: string } | { problem: string } {
  if (!isAbsolute(path)) return { problem: 'This is not the absolute path of a file that holds the value.' };
  const { content, problem } = readSmallFile(path);
  if (content === undefined) return { problem: `The file named here ${problem}.` };
  const text = content.replace(/^\uFEFF/, '').trim();
  if (text === '') return { problem: 'The file named here is empty. Write the value alone into it.' };
  if (text.includes('\n')) {
    return { problem: 'The file named here has several lines. Write the value alone into it.' };
  }
  return { given: text };
}

function exampleFile(name: string): string {
  return name.replace('TURNOVER_', '').replaceAll('_', '-').toLowerCase();
}

const absent = 'does not exist';

function readSmallFile(path: string): { content?: string; problem?: string } {
  try {
    if (statSync(path).size > maxFileBytes) return { problem: 'is larger than 64 KiB' };
    return { content: readFileSync(path, 'utf8') };
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT' || code === 'ENOTDIR') return { problem: absent };
    return { problem: code === 'EISDIR' ? 'is a folder' : 'cannot be read by this user' };
  }
}
