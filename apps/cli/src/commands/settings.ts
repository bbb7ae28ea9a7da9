import type { SettingInForce, SettingSource } from '@turnover/config/load-settings';
import type { Command } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { readWords } from '../words.ts';

const usage = 'settings';

const origins: Record<SettingSource, string> = {
  default: 'default',
  environment: 'environment',
  file: 'file of settings',
  secretFile: 'file of the secret',
};

export const showSettings: Command = {
  usage,
  sentence: 'Lists the settings as they are, and where each of them comes from. Secrets are not shown.',
  run(words, { inForce }, output) {
    const { positionals } = readWords(words, usage, {});
    if (positionals.length > 0) throw new UsageError(`Usage: ${usage}`);
    output.print(inForce.map(lineOf).join('\n'));
  },
};

function lineOf(setting: SettingInForce): string {
  return `${setting.name.padEnd(30)} ${origins[setting.source].padEnd(20)} ${shown(setting)}`.trimEnd();
}

function shown({ isSecret, source, text }: SettingInForce): string {
  if (isSecret && source !== 'default') return '(not shown)';
  return text ?? '(not set)';
}
