/** The target of an upload, and a chosen file with its path below the chosen folder. */
import { lastSegment } from '@turnover/domain/names/names';
import type { TakenChoice } from '@turnover/domain/workspace/uploads';

/** A request, or a folder of the Workspace (null for its root). */
export type Target = {
  projectId: string;
  folderId: string | null;
  requestId: string | null;
  /** Name of the target for the tray. */
  name?: string;
};

/**
 * `override`: the reason for overriding rules of the request's type. `replace` is equivalent to `ifTaken: 'replace'`.
 */
export type ChosenFile = {
  file: File;
  relativePath: string;
  override?: string;
  replace?: boolean;
  ifTaken?: TakenChoice;
  /** True when a file with this name, size and date already exists. */
  isThere?: boolean;
};

/** Returns the name that the file gets, which may differ from its name on disk. */
export function nameOf({ relativePath }: Pick<ChosenFile, 'relativePath'>): string {
  return lastSegment(relativePath);
}

/** Returns the place of the file for people: the name of the target and the folders below it. */
export function placeOf({ target, relativePath }: { target: Target; relativePath: string }): string {
  const folders = relativePath.split('/').slice(0, -1);
  return (target.name ? [target.name].concat(folders) : folders).join(' / ');
}
