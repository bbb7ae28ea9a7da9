/** Defines runes as plain functions, because tests load rune classes without the Svelte compiler. */
const same = <Value>(value: Value): Value => value;

Object.assign(globalThis, { $state: Object.assign(same, { raw: same }) });
