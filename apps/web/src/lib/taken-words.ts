/** The answers to a taken name, identical in uploads, moves and requests. */
import * as m from '@turnover/messages/messages';

export const takenLabels = {
  replace: m.taken_replace,
  keepBoth: m.taken_keep_both,
  skip: m.taken_skip,
};

const answers = ['replace', 'keepBoth', 'skip'] as const;

/** Returns the choices of a question. `describedBy`: the id of the element that says why nothing can be replaced. */
export function takenChoices({
  canReplace = true,
  describedBy,
}: { canReplace?: boolean; describedBy?: string } = {}) {
  return answers.map((value) => {
    const disabled = value === 'replace' && !canReplace;
    return { value, label: takenLabels[value](), disabled, describedBy: disabled ? describedBy : undefined };
  });
}
