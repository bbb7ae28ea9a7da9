/** The actions of an entry's menu. */
import type { EntryView } from '@turnover/domain/workspace/entries';

type Verb = (entry: EntryView) => void;

export type EntryVerbs = {
  show: Verb;
  open: Verb;
  /** Returns the address of a file's player. */
  playerHref: (entry: EntryView) => string;
  share: Verb;
  /** Only in the person's own Workspace. */
  stopSharing?: Verb;
  /** Undefined for people who may not know that requests exist. */
  submit?: Verb;
  whyNotSubmit?: string;
  move: Verb;
  whyNotMove?: string;
  rename: Verb;
  /** Only in "Shared with me": removes the entry from the reader's own list. */
  unlist?: Verb;
  remove: Verb;
};
