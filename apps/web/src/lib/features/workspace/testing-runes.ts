/** For tests of rune classes: runes as plain functions, since no compiler stands between the tests and the source. */
import { vi } from 'vitest';

export function stubRunes(): void {
  const same = <Value>(value: Value): Value => value;
  vi.stubGlobal('$state', Object.assign(same, { raw: same }));
}

/** An entry with this name as its id. */
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
    updatedAt: 0,
    deletedAt: null,
  };
}
