/** Names and addresses of rows in the contents of a request. */
import type { ContentRowView, SequenceRowView } from '@turnover/domain/requests/contents';
import type { RequestView } from '@turnover/domain/requests/requests';
import { sequenceLabel } from '@turnover/domain/sequences/frame-ranges';

/** Returns `shot.[1001-1040].exr`. */
export function sequenceName({ name, frames }: Pick<SequenceRowView, 'name' | 'frames'>): string {
  return sequenceLabel(name, frames);
}

/** Full path, including the folders. */
export function pathOf(row: ContentRowView): string {
  const { folder } = row.kind === 'file' ? row.file : row;
  const name = row.kind === 'file' ? row.file.name : sequenceName(row);
  return folder === '' ? name : `${folder}/${name}`;
}

/** Where the row is played. A sequence is one item, of a submitted round as it was then. */
export function playerHrefOf(
  { id, projectId }: Pick<RequestView, 'id' | 'projectId'>,
  row: ContentRowView,
  round: number | null = null,
): string {
  const at = round === null ? '' : `?round=${round}`;
  const place = row.kind === 'file' ? `files/${row.id}` : `sequences/${row.firstFileId}${at}`;
  return `/p/${projectId}/deliveries/${id}/${place}`;
}
