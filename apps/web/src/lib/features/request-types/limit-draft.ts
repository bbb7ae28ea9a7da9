/** The limits of picture and sound in the editor of types: numbers as people type them. */
import {
  isInOrder,
  isLimit,
  limitNames,
  limitRanges,
  type LimitName,
  type SignalLimits,
} from '@turnover/domain/media/signal-limits';
import * as m from '@turnover/messages/messages';
import { formatNumber } from '#lib/format.ts';
import { limitWords } from '#lib/rules-summary.ts';

type LimitTexts = Record<LimitName, string>;

export function textsOfLimits(limits: SignalLimits): LimitTexts {
  const texts = limitNames.map((name) => [name, limits[name] === null ? '' : String(limits[name])]);
  return Object.fromEntries(texts) as LimitTexts;
}

/** An empty text is no limit. */
export function limitsOfDraft(texts: LimitTexts): SignalLimits {
  const numbers = limitNames.map((name) => [name, numberIn(texts[name])]);
  return Object.fromEntries(numbers) as SignalLimits;
}

/** What is wrong with them; undefined: nothing. */
export function problemOfLimits(texts: LimitTexts): string | undefined {
  const limits = limitsOfDraft(texts);
  const bad = limitNames.find((name) => !isLimit(name, limits[name]));
  if (bad !== undefined) {
    const { min, max, unit } = limitRanges[bad];
    const range = { min: formatNumber(min), max: `${formatNumber(max)} ${unit}` };
    return m.types_limit_range({ limit: limitWords[bad](), ...range });
  }
  return isInOrder(limits) ? undefined : m.types_limit_order();
}

function numberIn(text: string): number | null {
  const number = text.trim().replace(',', '.').replace('−', '-');
  return number === '' ? null : Number(number);
}
