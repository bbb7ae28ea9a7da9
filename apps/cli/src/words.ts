/** Parses the arguments of a command: one email address, and options. */
import { parseArgs, type ParseArgsConfig } from 'node:util';
import { emailSchema } from '@turnover/domain/people/accounts';
import { UsageError } from './usage-error.ts';

type Options = NonNullable<ParseArgsConfig['options']>;

export function readWords<const Known extends Options>(words: string[], usage: string, options: Known) {
  try {
    return parseArgs({ args: words, options, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(`${(error as Error).message}\nUsage: ${usage}`);
  }
}

export function readEmail(positionals: string[], usage: string): string {
  const [email, ...more] = positionals;
  if (email === undefined || more.length > 0) throw new UsageError(`Usage: ${usage}`);
  const parsed = emailSchema.safeParse(email);
  if (!parsed.success) throw new UsageError(`"${email}" is not an e-mail address.\nUsage: ${usage}`);
  return parsed.data;
}
