/** The answers to a taken name, the same wherever it is asked: in uploads, moves and requests. */
import * as m from '@turnover/messages/messages';

export const takenLabels = {
  replace: m.taken_replace,
  keepBoth: m.taken_keep_both,
  skip: m.taken_skip,
};
