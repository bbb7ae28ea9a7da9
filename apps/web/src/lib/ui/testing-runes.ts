/** Defines runes as plain functions, because tests load rune classes without the Svelte compiler. */
import { vi } from 'vitest';

export function stubRunes(): void {
  const same = <Value>(value: Value): Value => value;
  vi.stubGlobal('$state', Object.assign(same, { raw: same }));
}
