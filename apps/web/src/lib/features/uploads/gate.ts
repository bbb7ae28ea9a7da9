import type { ChosenFile } from './target.ts';

/** Checks files before they are uploaded into a request: answers with the files to send, and how to send them. */
export type Gate = {
  requestId: string;
  ask: (chosen: readonly ChosenFile[]) => Promise<readonly ChosenFile[]>;
  /** It compares the files with those of earlier rounds itself, also those that seem to be there. */
  comparesEarlier: boolean;
  /** The maximum length of a path in characters; null: no limit. */
  maxPath: number | null;
};
