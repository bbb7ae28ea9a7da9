import { join } from 'node:path';
import type { LoadedSettings } from '@turnover/config/load-settings';
import type { Command, Output } from '../command.ts';
import { requireConsent } from '../consent.ts';
import { recordCommand } from '../record-command.ts';
import { CommandRefused } from '../refused.ts';
import { installSteps, placeOf, uninstallSteps, wordsOf, type Step } from '../service/steps.ts';
import { thisSystem, type System } from '../service/system.ts';
import { unitName, unitText } from '../service/unit.ts';
import { UsageError } from '../usage-error.ts';
import { readWords } from '../words.ts';

export function serviceCommands(system: System): Record<string, Command> {
  return {
    'service install': {
      usage: 'service install [--yes]',
      sentence: `Makes ${unitName} of systemd, enables and starts it. Prints what it does and asks first; --yes does not ask.`,
      async run(words, settings, output) {
        const isSure = readSure(words, this.usage);
        requireSystemd(system);
        await carryOut(installSteps(placeFor(settings, system), system), isSure, system, output);
        await recordCommand(settings.config, { action: 'commands.installService' }, output);
        output.print(
          `${unitName} runs. Look at it: systemctl status ${unitName}. Its log: journalctl -u ${unitName}`,
        );
      },
    },
    'service uninstall': {
      usage: 'service uninstall [--yes]',
      sentence: `Stops ${unitName} and removes it. The data folder, the settings and the account stay.`,
      async run(words, settings, output) {
        const isSure = readSure(words, this.usage);
        requireSystemd(system);
        if (system.ownerOf(join(system.unitFolder, unitName)) === undefined) {
          throw new CommandRefused(
            `There is no ${unitName} in ${system.unitFolder}, so nothing was changed.`,
          );
        }
        await carryOut(uninstallSteps(system.unitFolder), isSure, system, output);
        await recordCommand(settings.config, { action: 'commands.uninstallService' }, output);
        output.print(`${unitName} is removed. The data is still in ${settings.config.dataFolder}.`);
      },
    },
    'service print': {
      usage: 'service print',
      sentence: `Prints the unit that service install would write.`,
      run(words, settings, output) {
        const { positionals } = readWords(words, this.usage, {});
        if (positionals.length > 0) throw new UsageError(`Usage: ${this.usage}`);
        output.print(unitText(placeFor(settings, system)).trimEnd());
      },
    },
  };
}

export const service = serviceCommands(thisSystem());

function readSure(words: string[], usage: string): boolean {
  const { positionals, values } = readWords(words, usage, { yes: { type: 'boolean', default: false } });
  if (positionals.length > 0) throw new UsageError(`Usage: ${usage}`);
  return values.yes;
}

function placeFor({ config }: LoadedSettings, system: System) {
  const { dataFolder, port, settingsFile, stateFolder, backupsFolder } = config;
  return placeOf({ dataFolder, port, settingsFile, stateFolder, backupsFolder }, system);
}

function requireSystemd({ otherInit, isRoot }: System): void {
  if (otherInit) {
    throw new CommandRefused(
      `systemd does not run this machine: its first process is ${otherInit}. \`service print\` prints the unit for another one.`,
    );
  }
  if (!isRoot) throw new CommandRefused('Only root can change services: run it with sudo.');
}

async function carryOut(steps: Step[], isSure: boolean, system: System, output: Output): Promise<void> {
  output.print(['This will:', ...steps.map((step) => `  ${wordsOf(step)}`)].join('\n'));
  if (!isSure) await requireConsent(system.ask, 'Continue?');
  for (const step of steps) carryOutStep(step, system);
}

function carryOutStep(step: Step, system: System): void {
  if ('write' in step) return system.writeUnit(step.write, step.text);
  if ('remove' in step) return system.removeUnit(step.remove);
  if (system.run(step.command) === 0) return;
  throw new CommandRefused(
    `Stopped, because this failed: ${wordsOf(step)}\nThe reason is in: journalctl -u ${unitName} -n 20\n` +
      'Mend the cause and run the command again.',
  );
}
