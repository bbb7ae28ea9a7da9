/** What a request holds, or held in a submitted round, of which only the viewed part is loaded. */
import { byName, type ContentOrder } from '@turnover/domain/requests/content-order';
import type { ContentRowView, ContentsView, SequenceRowView } from '@turnover/domain/requests/contents';
import { trpc } from '#lib/trpc.ts';
import { WindowedList, type RowPage } from '#lib/ui/tables/windowed-list.svelte.ts';

/** `sequenceId`: its frames are listed. */
type ContentQuery = { order: ContentOrder; filter: string; sequenceId: string | null };

export class ContentList extends WindowedList<ContentRowView, ContentQuery> {
  /** The opened sequence, in its newest loaded version. */
  sequence = $state.raw<SequenceRowView | null>(null);

  /** `round`: null for what is there now. */
  constructor(requestId: string, round: number | null, firstPage: ContentsView) {
    super(
      async (query, window) => {
        const found = await trpc.requestFiles.contents.query({ requestId, round, ...query, ...window });
        this.sequence = found.sequence;
        return rowsOf(found);
      },
      { order: byName, filter: '', sequenceId: null },
      rowsOf(firstPage),
    );
  }

  open(sequence: SequenceRowView): Promise<void> {
    this.sequence = sequence;
    return this.change({ sequenceId: sequence.id, filter: '' });
  }

  leave(): Promise<void> {
    return this.change({ sequenceId: null, filter: '' });
  }
}

function rowsOf({ rows, total }: ContentsView): RowPage<ContentRowView> {
  return { rows, total };
}
