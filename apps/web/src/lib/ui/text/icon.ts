/** A lucide icon, as components take it in their props: `import Folder from '@lucide/svelte/icons/folder'`. */
import type Folder from '@lucide/svelte/icons/folder';

export type Glyph = typeof Folder;

/** The inside of the icon's `svg`. The types are those of the library; the build has drawings (`icons-plugin.ts`). */
export const drawingOf = (glyph: Glyph) => glyph as unknown as string;

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'flat';
