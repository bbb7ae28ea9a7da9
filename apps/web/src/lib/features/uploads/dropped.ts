// What an event of dragging carries. Pages have this before the uploads are loaded, because the browser clears a drop
// after its event.

/** The content of a drop. It must be read at once, because the browser clears it after the event. */
export type Dropped = { entries: FileSystemEntry[]; files: ArrayLike<File> };

export function takeDropped({ items, files }: DataTransfer): Dropped {
  const entries: FileSystemEntry[] = [];
  const alone: File[] = [];
  for (const item of items) {
    if (item.kind !== 'file') continue;
    const entry = item.webkitGetAsEntry();
    const file = entry ? null : item.getAsFile();
    if (entry) entries.push(entry);
    else if (file) alone.push(file);
  }
  return { entries, files: entries.length + alone.length > 0 ? alone : files };
}

/** Returns the kind of a drop that contains no file; null for files and for unknown kinds. */
export function notAFile({ types }: Pick<DataTransfer, 'types'>): 'link' | 'text' | null {
  if (types.includes('Files')) return null;
  if (types.includes('text/uri-list')) return 'link';
  return types.some((type) => type.startsWith('text/')) ? 'text' : null;
}

export function carriesFiles(event: DragEvent): boolean {
  return event.dataTransfer?.types.includes('Files') ?? false;
}
