import type { ChosenFile } from './target.ts';

/** The check before files are uploaded into a request: it returns the files to send, and how to send them. */
export type Gate = {
  requestId: string;
  ask: (chosen: readonly ChosenFile[]) => Promise<readonly ChosenFile[]>;
  /** True when it compares the files with earlier rounds itself, including those that seem to be present. */
  comparesEarlier: boolean;
  /** The maximum length of a path in characters; null for no limit. */
  maxPath: number | null;
};
