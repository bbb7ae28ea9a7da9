/** The type of a command. */
import type { Config } from '@turnover/config/config';

export type Output = { print(text: string): void; printError(text: string): void };

export type Command = {
  usage: string;
  /** The line that `--help` prints for the command. */
  sentence: string;
  run(words: string[], config: Config, output: Output): void | Promise<void>;
};
