/** Defines runes as plain functions, because tests load rune classes without the Svelte compiler. */
import { vi } from 'vitest';

export function stubRunes(): void {
  const same = <Value>(value: Value): Value => value;
  vi.stubGlobal('$state', Object.assign(same, { raw: same }));
}

/** A test entry whose id is its name. */
export function testEntry(name: string, sizeBytes = 1) {
  return {
    id: name,
    parentId: null,
    kind: 'file' as const,
    name,
    sizeBytes,
    items: null,
    files: null,
    frames: null,
    mediaKind: null,
    state: 'stored' as const,
    sharedWith: { names: [], people: 0 },
    createdAt: 0,
    visibleName: null,
    looksLike: null,
    delivery: null,
    updatedAt: 0,
    deletedAt: null,
  };
}
