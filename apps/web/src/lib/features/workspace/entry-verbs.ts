/** What a menu does with an entry. */
import type { EntryView } from '@turnover/domain/workspace/entries';

type Verb = (entry: EntryView) => void;

export type EntryVerbs = {
  show: Verb;
  open: Verb;
  share: Verb;
  /** Left out for those to whom requests do not exist. */
  submit?: Verb;
  whyNotSubmit?: string;
  move: Verb;
  whyNotMove?: string;
  rename: Verb;
  /** Only in Shared with me: takes it off one's own list. */
  unlist?: Verb;
  remove: Verb;
};
