/** What installing and removing the service does, one step after another. Pure: steps are printed before they are run. */
import { join } from 'node:path';
import { CommandRefused } from '../refused.ts';
import type { System } from './system.ts';
import { unitName, unitText, type Place } from './unit.ts';

export type Step = { command: string[] } | { write: string; text: string } | { remove: string };

/** The account that is made when no data folder says who owns the hub. */
const ownAccount = 'turnover';

type Settings = Omit<Place, 'sources' | 'user'>;
type Known = Pick<System, 'sources' | 'unitFolder' | 'ownerOf' | 'hasAccount'>;

export function placeOf(settings: Settings, system: Known): Place {
  const place = { ...settings, sources: system.sources, user: userFor(settings.dataFolder, system) };
  for (const path of [
    place.sources,
    place.dataFolder,
    place.settingsFile,
    place.stateFolder,
    place.backupsFolder,
  ])
    refuseUnusual(path);
  return place;
}

export function installSteps(place: Place, system: Known): Step[] {
  const { user, dataFolder } = place;
  const steps: Step[] = [];
  if (!system.hasAccount(user)) {
    const home = ['--home-dir', '/var/lib/turnover', '--shell', '/usr/sbin/nologin'];
    steps.push({ command: ['useradd', '--system', '--user-group', ...home, user] });
  }
  if (system.ownerOf(dataFolder) === undefined) {
    steps.push({ command: ['install', '-d', '-m', '700', '-o', user, dataFolder] });
  }
  return [
    ...steps,
    { write: join(system.unitFolder, unitName), text: unitText(place) },
    { command: ['systemctl', 'daemon-reload'] },
    { command: ['systemctl', 'enable', unitName] },
    // Also starts it, and takes up a changed unit.
    { command: ['systemctl', 'restart', unitName] },
  ];
}

export function uninstallSteps(unitFolder: string): Step[] {
  return [
    { command: ['systemctl', 'disable', '--now', unitName] },
    { remove: join(unitFolder, unitName) },
    { command: ['systemctl', 'daemon-reload'] },
  ];
}

export function wordsOf(step: Step): string {
  if ('command' in step) return step.command.join(' ');
  return 'write' in step ? `write ${step.write}` : `remove ${step.remove}`;
}

/** The hub runs as the user who owns the data folder. */
function userFor(dataFolder: string, { ownerOf }: Known): string {
  const owner = ownerOf(dataFolder) ?? ownAccount;
  if (owner !== 'root') return owner;
  throw new CommandRefused(
    `The data folder ${dataFolder} belongs to root, and the service does not run as root. Give it to an account of its own:\n` +
      `  useradd --system --user-group --home-dir /var/lib/turnover --shell /usr/sbin/nologin ${ownAccount}\n` +
      `  chown -R ${ownAccount}: ${dataFolder}`,
  );
}

/** Characters with a meaning in units are refused, because each setting of a unit quotes in another way. */
function refuseUnusual(path: string | undefined): void {
  if (path === undefined || /^[\w./@:+-]+$/.test(path)) return;
  throw new CommandRefused(
    `"${path}" has a space or another character with a meaning in units of systemd. Choose a path of letters, digits and ./@:+-_`,
  );
}
