/** The contents of a request, or of a submitted round. Only the visible part is loaded. */
import { byName, type ContentOrder } from '@turnover/domain/requests/content-order';
import type { ContentRowView, ContentsView, SequenceRowView } from '@turnover/domain/requests/contents';
import { trpc } from '#lib/trpc.ts';
import { WindowedList, type RowPage } from '#lib/ui/tables/windowed-list.svelte.ts';

/** `sequenceId`: the sequence whose frames are listed. */
type ContentQuery = { order: ContentOrder; filter: string; sequenceId: string | null };

export class ContentList extends WindowedList<ContentRowView, ContentQuery> {
  /** The opened sequence, in its newest loaded version. */
  sequence = $state.raw<SequenceRowView | null>(null);

  /** `round`: null for the present contents. */
  constructor(requestId: string, round: number | null, firstPage: ContentsView) {
    super(
      async (query, window) => {
        const found = await trpc.requestFiles.contents.query({ requestId, round, ...query, ...window });
        if (query.sequenceId === this.query.sequenceId) this.sequence = found.sequence;
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

  /** Call this after the page has reloaded. A sequence that no longer exists is left. */
  async follow(firstPage: ContentsView): Promise<void> {
    const { order, filter, sequenceId } = this.query;
    const isFirst = order === byName && filter === '' && sequenceId === null;
    await this.refresh(isFirst ? rowsOf(firstPage) : undefined);
    if (this.query.sequenceId !== null && this.sequence === null) await this.leave();
  }

  leave(): Promise<void> {
    return this.change({ sequenceId: null, filter: '' });
  }
}

function rowsOf({ rows, total }: ContentsView): RowPage<ContentRowView> {
  return { rows, total };
}
