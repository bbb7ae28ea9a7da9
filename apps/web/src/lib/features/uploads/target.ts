/** Where files go, and files as they are chosen or dropped: each with its path below what was chosen. */

/** A request; or a folder of the Workspace, null for its root. */
export type Target = { projectId: string; folderId: string | null; requestId: string | null };

/** `override`: why it may set aside rules of the request's type; `replace`: the file that has its name makes way. */
export type ChosenFile = { file: File; relativePath: string; override?: string; replace?: boolean };

/** The name it is to have, which need not be the one it has on its disk. */
export function nameOf({ relativePath }: Pick<ChosenFile, 'relativePath'>): string {
  return relativePath.slice(relativePath.lastIndexOf('/') + 1);
}
