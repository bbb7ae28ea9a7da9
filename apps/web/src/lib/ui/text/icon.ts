/** A lucide icon, as components take it in their props: `import Folder from '@lucide/svelte/icons/folder'`. */
import type Folder from '@lucide/svelte/icons/folder';

export type Glyph = typeof Folder;

export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'flat';
