/** Sentences about a check as a whole: what the button does, and what the request contains afterwards. */
import type { DeliveryCheckView } from '@turnover/domain/requests/from-workspace';
import * as m from '@turnover/messages/messages';
import { isRule } from '@turnover/domain/rules/rule-codes';
import { wordsForProblem } from '#lib/rule-words.ts';

const maxMissing = 5;

export function addWords({ counts, clear }: DeliveryCheckView, isClearing: boolean): string {
  const { add, replace } = counts.outcome as { add: number; replace: number };
  if (isClearing && clear.files > 0) return m.submit_clear_and_add({ count: clear.files, added: add });
  if (add > 0 && replace > 0) return m.submit_add_and_replace({ added: add, replaced: replace });
  return replace > 0 ? m.submit_replace({ count: replace }) : m.submit_add({ count: add });
}

type After = { words: string; missing: string | null; isComplete: boolean };

export function afterWords({ after, whole }: DeliveryCheckView): After {
  const { files, there, expected } = after;
  const missing = whole.flatMap(({ rule, path, details }) => {
    if (rule === 'expected_missing') return String(details.example || details.name);
    return rule === 'too_few_files' || !isRule(rule) ? [] : wordsForProblem(rule, { path, details });
  });
  const isComplete = missing.length === 0 && (there === null || there >= expected!);
  return { words: countWords(), missing: missing.length === 0 ? null : missingWords(missing), isComplete };

  function countWords(): string {
    if (there === null || expected === null) return m.submit_after_any({ count: files });
    if (there < expected) return m.submit_after_some({ there, expected });
    return m.submit_after_all({ count: expected });
  }
}

function missingWords(names: readonly string[]): string {
  const listed = names.slice(0, maxMissing).join(', ');
  const more = names.length - maxMissing;
  return m.submit_missing({
    names: more > 0 ? m.submit_missing_more({ names: listed, count: more }) : listed,
  });
}
