/** The sort orders for the contents of a request. Contains no schemas, so that pages can load it cheaply. */

/** `added`: when the file was delivered; for a sequence, when its last frame was delivered. */
export const contentColumns = ['name', 'size', 'added'] as const;
export type ContentColumn = (typeof contentColumns)[number];
export type ContentOrder = { column: ContentColumn; descending: boolean };
export const byName: ContentOrder = { column: 'name', descending: false };
