/** One file of a check before it is added to a request, whether it is uploaded or comes from a Workspace. */
import type { RuleProblem } from '@turnover/domain/rules/pre-flight';
import { isBinding } from '@turnover/domain/rules/rule-codes';
import * as m from '@turnover/messages/messages';
import type { Tone } from '#lib/ui/text/icon.ts';

export type TakenChoice = 'replace' | 'keepBoth' | 'skip';

export type CheckRow = {
  id: string;
  /** The file's own path, and in `as` the path under which it is added to the request. */
  path: string;
  as: string;
  facts: string;
  /** The problems under the file's own path, and in `left` those that remain under `as`. */
  problems: readonly RuleProblem[];
  left: readonly RuleProblem[];
  offered: string | null;
  reason: string;
  taken: {
    words: string;
    hint?: string;
    /** Null when the name is free again, so that nothing is asked. */
    choice: TakenChoice | 'open' | null;
    whyNotReplace?: string;
  } | null;
  outcome: 'add' | 'replace' | 'skip' | 'there' | 'open';
};

/** A person's decision about one file. Where a field is absent, the decision for all files applies. */
export type CheckAnswer = { as?: string; onCollision?: TakenChoice; override?: string; skip?: boolean };

/** Returns true when there is nothing to ask or to report about the file. */
export function isQuiet({
  problems,
  left,
  taken,
  outcome,
}: Pick<CheckRow, 'problems' | 'left' | 'outcome'> & { taken: unknown }): boolean {
  return problems.length + left.length === 0 && taken === null && outcome === 'add';
}

/** Returns the state of a row as a word and a tone. */
export function verdictOf({ outcome, as, path, problems, left }: CheckRow): { word: string; tone: Tone } {
  if (outcome === 'skip') return { word: m.check_skipped(), tone: 'flat' };
  if (outcome === 'there') return { word: m.check_there(), tone: 'ok' };
  if (left.some(({ verdict }) => verdict === 'blocking')) return { word: m.check_must_fix(), tone: 'bad' };
  const needsReason = left.some(({ verdict }) => verdict === 'overridable');
  const isRenamed = as !== path && problems.some(isBinding);
  if (needsReason && isRenamed) return { word: m.check_fits_both(), tone: 'warn' };
  if (needsReason) return { word: m.check_fits_reason(), tone: 'warn' };
  return isRenamed ? { word: m.check_fits_renamed(), tone: 'warn' } : { word: m.check_fits(), tone: 'ok' };
}
