/** Converts values of untrusted files to facts of a report: bounded, and absent when they are impossible. */
import type { Fraction } from '@turnover/domain/media/media-report';
import { plainLine } from '@turnover/domain/media/stage-words';

const maxLength = 200;

/** Returns one line without control characters; undefined when nothing is left. */
export function textFact(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const cut = String(value)
    .slice(0, 4 * maxLength)
    .replace(/\s+/g, ' ')
    .trim();
  // Cutting must not split a surrogate pair.
  const text = plainLine(cut).slice(0, maxLength).toWellFormed().trim();
  return text === '' ? undefined : text;
}

/** A number as MediaInfo writes it, such as `23.976` and `1000 cd/m2`; not a list such as `2 / 6`. */
const writtenNumber = /^\d{1,20}(?:\.\d{1,20})?(?: [a-z][a-z0-9/]*)?$/i;

/** Returns a finite number that is not negative; otherwise undefined. */
export function amountFact(value: unknown): number | undefined {
  const isWritten = typeof value === 'string' && writtenNumber.test(value);
  const number = isWritten ? Number.parseFloat(value) : value;
  return typeof number === 'number' && Number.isFinite(number) && number >= 0 ? number : undefined;
}

export function wholeFact(value: unknown): number | undefined {
  const number = amountFact(value);
  return number !== undefined && Number.isSafeInteger(number) ? number : undefined;
}

export function countFact(value: unknown): number | undefined {
  const number = wholeFact(value);
  return number === 0 ? undefined : number;
}

/** Returns milliseconds with three decimals, so that equal durations compare as equal. */
export function millisecondsOf(seconds: number | undefined): number | undefined {
  return seconds === undefined ? undefined : Math.round(seconds * 1_000_000) / 1000;
}

/** Removes undefined values, because a report has keys only for known facts. */
export function known<Facts extends Record<string, unknown>>(
  facts: Facts,
): { [Key in keyof Facts]?: Exclude<Facts[Key], undefined> } {
  return Object.fromEntries(Object.entries(facts).filter(([, value]) => value !== undefined)) as never;
}

const maxTerm = 1_000_000;

/** Reduces a rate to lowest terms; undefined for a rate that no medium has. */
export function fractionFact(numerator: unknown, denominator: unknown): Fraction | undefined {
  const [over, under] = [countFact(numerator), countFact(denominator)];
  if (over === undefined || under === undefined) return undefined;
  const divisor = greatestDivisor(over, under);
  const [top, bottom] = [over / divisor, under / divisor];
  return top > maxTerm || bottom > maxTerm || top / bottom > 1000 ? undefined : [top, bottom];
}

/** Converts 23.976 and 23.98 to 24000/1001; whole numbers and other rates stay unchanged. */
export function rateFact(value: unknown): Fraction | undefined {
  const rate = amountFact(value);
  if (rate === undefined || rate < 0.001 || rate > 1000) return undefined;
  const whole = Math.round(rate);
  if (Math.abs(rate - whole) < 0.0005) return [whole, 1];
  const above = Math.ceil(rate);
  if (Math.abs(rate - (above * 1000) / 1001) < 0.005) return fractionFact(above * 1000, 1001);
  return fractionFact(Math.round(rate * 1000), 1000);
}

function greatestDivisor(one: number, other: number): number {
  return other === 0 ? one : greatestDivisor(other, one % other);
}

/** Returns the text before the first zero byte. Writers pad with zeros, and some with spaces. */
export function paddedText(bytes: Buffer): string | undefined {
  const end = bytes.indexOf(0);
  const used = end === -1 ? bytes : bytes.subarray(0, end);
  const text = used.toString('utf8');
  return textFact(text.includes('\uFFFD') ? used.toString('latin1') : text);
}
