/** What the service commands need from the machine, so that tests can stand in for it. */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { askAtTerminal, type Ask } from '../consent.ts';

export type System = {
  sources: string;
  unitFolder: string;
  isRoot: boolean;
  /** Undefined when systemd runs this machine; otherwise the name of the first process. */
  otherInit: string | undefined;
  /** The account that owns a file; undefined when there is no file. */
  ownerOf(path: string): string | undefined;
  hasAccount(name: string): boolean;
  /** Runs a program and returns its exit code. Its output goes to the terminal. */
  run(command: readonly string[]): number;
  writeUnit(path: string, text: string): void;
  removeUnit(path: string): void;
  ask: Ask;
};

export function thisSystem(): System {
  return {
    sources: fileURLToPath(new URL('../../../..', import.meta.url)).replace(/\/$/, ''),
    unitFolder: '/etc/systemd/system',
    isRoot: process.getuid?.() === 0,
    otherInit: existsSync('/run/systemd/system') ? undefined : firstProcess(),
    ownerOf: (path) => {
      const uid = statSync(path, { throwIfNoEntry: false })?.uid;
      return uid === undefined ? undefined : accountOf(String(uid));
    },
    hasAccount: (name) => accountOf(name) !== undefined,
    run: ([file = '', ...args]) =>
      spawnSync(file, args, { stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 1,
    writeUnit: (path, text) => writeFileSync(path, text, { mode: 0o644 }),
    removeUnit: (path) => rmSync(path),
    ask: askAtTerminal(),
  };
}

function firstProcess(): string {
  try {
    return readFileSync('/proc/1/comm', 'utf8').trim();
  } catch {
    return 'unknown';
  }
}

function accountOf(nameOrId: string): string | undefined {
  const found = spawnSync('getent', ['passwd', nameOrId], { encoding: 'utf8' });
  return found.status === 0 ? found.stdout.split(':')[0] : undefined;
}
