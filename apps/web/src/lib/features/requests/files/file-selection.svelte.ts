/** The selected rows of a request's files, in the form the API expects. A folded sequence stands for all its frames. */
import type { ContentRowView } from '@turnover/domain/requests/contents';
import type { FileSelection as WireSelection } from '@turnover/domain/requests/files';
import { WindowedSelection } from '#lib/ui/tables/windowed-selection.svelte.ts';
import type { ContentList } from './content-list.svelte.ts';

/** The API accepts this many names at once. */
const maxOnTheWire = 1000;

export class FileSelection extends WindowedSelection<ContentRowView> {
  readonly #contents: ContentList;
  readonly #present: () => number;

  /** `present`: how many files the request has. */
  constructor(list: ContentList, present: () => number) {
    super(list, maxOnTheWire);
    this.#contents = list;
    this.#present = present;
  }

  /** How many files are selected; a sequence counts with all its frames. */
  get files(): number {
    const { except, rows } = this;
    if (!except) return filesIn(rows ?? []);
    const all = this.#contents.sequence?.files ?? this.#present();
    return Math.max(0, all - filesIn(except));
  }

  /** A filter is unknown to the API, so its rows are selected one by one. False: there are too many of them. */
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
