/** How the contents of a request are sorted. Without schemas, for pages. */

/** `added`: when the file was delivered; of a sequence, its last frame. */
export const contentColumns = ['name', 'size', 'added'] as const;
export type ContentColumn = (typeof contentColumns)[number];
export type ContentOrder = { column: ContentColumn; descending: boolean };
export const byName: ContentOrder = { column: 'name', descending: false };
