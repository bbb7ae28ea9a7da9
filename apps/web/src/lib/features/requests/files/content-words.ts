/** Names of rows in the contents of a request. */
import type { ContentRowView, SequenceRowView } from '@turnover/domain/requests/contents';
import { sequenceLabel } from '@turnover/domain/sequences/frame-ranges';

/** `shot.[1001-1040].exr` */
export function sequenceName({ name, frames }: Pick<SequenceRowView, 'name' | 'frames'>): string {
  return sequenceLabel(name, frames);
}

/** With its folders. */
export function pathOf(row: ContentRowView): string {
  const { folder } = row.kind === 'file' ? row.file : row;
  const name = row.kind === 'file' ? row.file.name : sequenceName(row);
  return folder === '' ? name : `${folder}/${name}`;
}
