/** The target of an upload, and a chosen file with its path below the chosen folder. */
import { lastSegment } from '@turnover/domain/names/names';

/** A request, or a folder of the Workspace (null: its root). */
export type Target = { projectId: string; folderId: string | null; requestId: string | null };

/** `override`: why it may override rules of the request's type; `replace`: it replaces the file that has its name. */
export type ChosenFile = { file: File; relativePath: string; override?: string; replace?: boolean };

/** The name the file gets, which may differ from its name on disk. */
export function nameOf({ relativePath }: Pick<ChosenFile, 'relativePath'>): string {
  return lastSegment(relativePath);
}
