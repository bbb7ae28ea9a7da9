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
    previews: [],
    sharedWith: { names: [], people: 0 },
    createdAt: 0,
    visibleName: null,
    looksLike: null,
    delivery: null,
    updatedAt: 0,
    deletedAt: null,
  };
}
