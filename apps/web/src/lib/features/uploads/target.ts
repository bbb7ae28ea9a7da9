/** The target of an upload, and a chosen file with its path below the chosen folder. */
import { lastSegment } from '@turnover/domain/names/names';
import type { TakenChoice } from '@turnover/domain/workspace/uploads';

/** A request, or a folder of the Workspace (null: its root). */
export type Target = {
  projectId: string;
  folderId: string | null;
  requestId: string | null;
  /** What people call it, for the tray. */
  name?: string;
};

/** `override`: why it may override rules of the request's type; `replace` is the same as `ifTaken: 'replace'`. */
export type ChosenFile = {
  file: File;
  relativePath: string;
  override?: string;
  replace?: boolean;
  ifTaken?: TakenChoice;
  /** A file with this name, size and date is there already. */
  isThere?: boolean;
};

/** The name the file gets, which may differ from its name on disk. */
export function nameOf({ relativePath }: Pick<ChosenFile, 'relativePath'>): string {
  return lastSegment(relativePath);
}

/** Where the file goes, as people know it: the name of the target and the folders below it. */
export function placeOf({ target, relativePath }: { target: Target; relativePath: string }): string {
  const folders = relativePath.split('/').slice(0, -1);
  return (target.name ? [target.name].concat(folders) : folders).join(' / ');
}
