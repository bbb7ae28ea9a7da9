/** Where files go, and files as they are chosen or dropped: each with its path below what was chosen. */

/** A request; or a folder of the Workspace, null for its root. */
export type Target = { projectId: string; folderId: string | null; requestId: string | null };

export type ChosenFile = { file: File; relativePath: string };
