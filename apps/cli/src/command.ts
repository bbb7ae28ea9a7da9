/** The type of a command. */
import type { LoadedSettings } from '@turnover/config/load-settings';

export type Output = { print(text: string): void; printError(text: string): void };

export type Command = {
  usage: string;
  /** The line that `--help` prints for the command. */
  sentence: string;
  run(words: string[], settings: LoadedSettings, output: Output): void | Promise<void>;
};
