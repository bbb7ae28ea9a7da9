/** Asks the person at the terminal before a command changes something. */
import { createInterface } from 'node:readline/promises';
import { CommandRefused } from './refused.ts';

/** Undefined when nobody can be asked. */
export type Ask = ((question: string) => Promise<boolean>) | undefined;

export function askAtTerminal(): Ask {
  return process.stdin.isTTY ? ask : undefined;
}

/** Throws unless the person agrees. */
export async function requireConsent(asks: Ask, question: string): Promise<void> {
  if (!asks) throw new CommandRefused('Nothing was changed, because nobody can be asked. Add --yes.');
  if (!(await asks(`${question} [y/N] `))) throw new CommandRefused('Nothing was changed.');
}

async function ask(question: string): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return /^y(es)?$/i.test((await terminal.question(question)).trim());
  } finally {
    terminal.close();
  }
}
