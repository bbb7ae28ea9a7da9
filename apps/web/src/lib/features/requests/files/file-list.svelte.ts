/** The files of one request, of which only the viewed part is loaded. */
import type { DeliveredFileView, RequestFileListView } from '@turnover/domain/requests/files';
import { trpc } from '#lib/trpc.ts';
import { WindowedList, type RowPage } from '#lib/ui/tables/windowed-list.svelte.ts';

export class FileList extends WindowedList<DeliveredFileView, object> {
  constructor(requestId: string, firstPage: RequestFileListView) {
    super(
      async (_query, window) => rowsOf(await trpc.requestFiles.list.query({ requestId, ...window })),
      {},
      rowsOf(firstPage),
    );
  }

  /** Call it when the page was loaded again. */
  follow(firstPage: RequestFileListView): Promise<void> {
    return this.refresh(rowsOf(firstPage));
  }
}

function rowsOf({ files, total }: RequestFileListView): RowPage<DeliveredFileView> {
  return { rows: files, total };
}
