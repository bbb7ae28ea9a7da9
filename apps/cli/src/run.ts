/** Finds and runs the command, and turns errors into a message and an exit code. */
import { ConfigError } from '@turnover/config/config';
import { loadSettings } from '@turnover/config/load-settings';
import { settingsHelp } from '@turnover/config/settings';
import { DatabaseRefused } from '@turnover/db/database-refused';
import { HubError } from '@turnover/domain/errors';
import type { Command, Output } from './command.ts';
import { verifyAudit } from './commands/audit.ts';
import { backup } from './commands/backup.ts';
import { doctor } from './commands/doctor.ts';
import { verifyReceipt } from './commands/receipt.ts';
import { restore } from './commands/restore.ts';
import { printSbom } from './commands/sbom.ts';
import { service } from './commands/service.ts';
import { showSettings } from './commands/settings.ts';
import { freeStorage } from './commands/storage.ts';
import { createTokenFor } from './commands/token.ts';
import { checkUpgrade } from './commands/upgrade.ts';
import {
  addUser,
  allowUserPassword,
  disconnectUser,
  resetUserPassword,
  resetUserSecondFactor,
} from './commands/user.ts';
import { CommandRefused } from './refused.ts';
import { UsageError } from './usage-error.ts';

/** All commands, keyed by the words that call them. */
const commands: Record<string, Command> = {
  'token create': createTokenFor,
  'user add': addUser,
  'user reset-password': resetUserPassword,
  'user allow-password': allowUserPassword,
  'user disconnect': disconnectUser,
  'user reset-second-factor': resetUserSecondFactor,
  backup,
  restore,
  doctor,
  'storage free': freeStorage,
  'audit verify': verifyAudit,
  'receipt verify': verifyReceipt,
  sbom: printSbom,
  settings: showSettings,
  upgrade: checkUpgrade,
  ...service,
};

const failed = 1;
const usedWrongly = 2;

/** Returns the exit code: 0 for success, 1 when refused or failed, 2 for a usage error. */
export async function run(
  words: readonly string[],
  env: Record<string, string | undefined>,
  output: Output,
): Promise<number> {
  if (words.length === 0 || words.includes('--help') || words[0] === 'help') {
    output.print(helpText());
    return words.length === 0 ? usedWrongly : 0;
  }
  try {
    const { command, rest } = findCommand(words);
    await command.run(rest, loadSettings(env), output);
    return 0;
  } catch (error) {
    output.printError(describe(error));
    return error instanceof UsageError ? usedWrongly : failed;
  }
}

function findCommand(words: readonly string[]): { command: Command; rest: string[] } {
  for (const length of [2, 1]) {
    const command = commands[words.slice(0, length).join(' ')];
    if (command) return { command, rest: words.slice(length) };
  }
  throw new UsageError(`There is no command "${words.slice(0, 2).join(' ')}". --help lists them.`);
}

function describe(error: unknown): string {
  const isForPeople = [UsageError, ConfigError, DatabaseRefused, HubError, CommandRefused].some(
    (kind) => error instanceof kind,
  );
  if (error instanceof Error) return isForPeople ? error.message : (error.stack ?? error.message);
  return String(error);
}

function helpText(): string {
  const lines = Object.values(commands).map(({ usage, sentence }) => `  ${usage}\n      ${sentence}`);
  return [
    'Usage: npm run turnover -- <command>',
    '',
    ...lines,
    '',
    'Settings are read from the environment and from the file turnover.env:',
    '',
    settingsHelp(),
  ].join('\n');
}
