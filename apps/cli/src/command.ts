/** What a command is. */
import type { Config } from '@turnover/config/config';

export type Output = { tell(text: string): void; complain(text: string): void };

export type Command = {
  usage: string;
  /** What it does, for `--help`. */
  sentence: string;
  run(words: string[], config: Config, output: Output): void | Promise<void>;
};
