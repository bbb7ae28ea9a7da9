/** Reads the configuration file of external checks when a worker starts. */
import { accessSync, constants, readFileSync } from 'node:fs';
import { externalChecks, type ExternalCheck } from '@turnover/domain/media/external-checks';

/** Throws an error whose sentence tells the administrator what to change. */
export function readChecks(path: string | undefined): ExternalCheck[] {
  if (path === undefined) return [];
  const refuse = (problem: string) => new Error(`TURNOVER_CHECKS: ${path}: ${problem}`);
  let written: unknown;
  try {
    written = JSON.parse(readFileSync(path, 'utf8'));
  } catch (error) {
    throw refuse(error instanceof Error ? error.message : String(error));
  }
  const result = externalChecks.safeParse(written);
  if (!result.success) {
    const { path: at, message } = result.error.issues[0]!;
    throw refuse([at.join('.'), message].filter(Boolean).join(': '));
  }
  for (const check of result.data)
    if ('command' in check && !isProgram(check.command[0]!))
      throw refuse(`${check.command[0]} is not there, or not a program.`);
  const names = result.data.map(({ name }) => name);
  const twice = names.find((name, at) => names.indexOf(name) !== at);
  if (twice) throw refuse(`two checks have the name ${twice}.`);
  return result.data;
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
