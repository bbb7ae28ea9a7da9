import type { ChosenFile } from './target.ts';

/** Stands before the uploads into one request: it answers with the files that may go, and how. */
export type Gate = {
  requestId: string;
  ask: (chosen: readonly ChosenFile[]) => Promise<readonly ChosenFile[]>;
  /** The most characters that a path may have there; null: any number. */
  maxPath: number | null;
};
