/**
 * The selected rows of a request's files, in the form that the API expects. A folded sequence represents all its
 * frames.
 */
import type { ContentRowView } from '@turnover/domain/requests/contents';
import type { FileSelection as WireSelection } from '@turnover/domain/requests/files';
import { WindowedSelection } from '#lib/ui/tables/windowed-selection.svelte.ts';
import type { ContentList } from './content-list.svelte.ts';

/** The most names that the API accepts in one call. */
const maxOnTheWire = 1000;

export class FileSelection extends WindowedSelection<ContentRowView> {
  readonly #contents: ContentList;
  readonly #present: () => number;

  /** `present`: returns the number of files in the request. */
  constructor(list: ContentList, present: () => number) {
    super(list, maxOnTheWire);
    this.#contents = list;
    this.#present = present;
  }

  /** The number of selected files; a sequence counts as all its frames. */
  get files(): number {
    const { except, rows } = this;
    if (!except) return filesIn(rows ?? []);
    const all = this.#contents.sequence?.files ?? this.#present();
    return Math.max(0, all - filesIn(except));
  }

  /**
   * Selects all rows. The API does not know the filter, so filtered rows are selected one by one. Returns false when
   * there are too many of them.
   */
  async everything(): Promise<boolean> {
    const { query, isWhole, total } = this.#contents;
    if (query.filter.trim() === '' || isWhole) {
      this.all();
      return true;
    }
    const [first] = await this.#contents.between(0, 0);
    if (!first || total > maxOnTheWire) return false;
    this.only(first, 0);
    return this.range(total - 1);
  }

  get wire(): WireSelection {
    const { except, rows } = this;
    if (!except) {
      const { files, sequences } = idsOf(rows ?? []);
      return { fileIds: files, sequenceIds: sequences };
    }
    const { files, sequences } = idsOf(except);
    const sequenceId = this.#contents.sequence?.id;
    return { allExcept: files, exceptSequences: sequences, sequenceId };
  }
}

export function filesIn(rows: readonly ContentRowView[]): number {
  return rows.reduce((sum, row) => sum + (row.kind === 'file' ? 1 : row.files), 0);
}

function idsOf(rows: readonly ContentRowView[]): { files: string[]; sequences: string[] } {
  const of = (kind: ContentRowView['kind']) => rows.filter((row) => row.kind === kind).map(({ id }) => id);
  return { files: of('file'), sequences: of('sequence') };
}
