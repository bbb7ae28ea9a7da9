/**
 * A list of requests: the parsed lines, the corrections, and the lines that remain after the good ones were created.
 */
import {
  bulkRequestColumns,
  type BulkRequestColumn,
  type ColumnUse,
} from '@turnover/domain/requests/list-columns';
import {
  dateOrderOf,
  foldedName,
  checkBulkLines,
  type BulkContext,
} from '@turnover/domain/requests/from-list';
import { readBulkList, type BulkLine } from '@turnover/domain/requests/list-reading';
import { writeCsv, type CsvSeparator } from '@turnover/domain/csv';
import { decodeText, type TextEncoding, type UndecodableText } from '@turnover/domain/text-encodings';
import type { DateOrder } from '@turnover/domain/written-dates';
import { SvelteMap, SvelteSet } from 'svelte/reactivity';
import { columnWords, wordsForLine } from './bulk-words.ts';

export type BulkFile = { name: string; bytes: Uint8Array };
type Cells = Record<BulkRequestColumn, string>;
type Known = Omit<BulkContext, 'dateOrder' | 'taken'>;

export class BulkListState {
  /** The pasted or typed text, or the decoded file. */
  text = $state('');
  file = $state.raw<BulkFile | null>(null);
  /** The encoding that the person chose; null to detect it from the bytes. */
  encoding = $state<TextEncoding | null>(null);
  isGuessed = $state(false);
  undecodable = $state.raw<UndecodableText | null>(null);
  separator = $state<CsvSeparator | null>(null);
  dateOrder = $state<DateOrder | null>(null);
  columns = $state<Record<string, ColumnUse>>({});

  #changed = new SvelteMap<number, Cells>();
  #gone = new SvelteSet<number>();
  #refused = new SvelteMap<number, string>();
  #taken = new SvelteSet<string>();
  #known: () => Known;

  constructor(known: () => Known) {
    this.#known = known;
  }

  read = $derived.by(() => {
    if (this.text.trim() === '') return null;
    return readBulkList(this.text, { separator: this.separator ?? undefined, columns: this.columns });
  });
  list = $derived(this.read && 'lines' in this.read ? this.read : null);
  #lines = $derived(
    (this.list?.lines ?? []).flatMap((line): BulkLine[] => {
      if (this.#gone.has(line.line)) return [];
      const cells = this.#changed.get(line.line);
      return [cells ? { ...line, cells, beyond: '' } : line];
    }),
  );
  order = $derived(dateOrderOf(this.#lines));
  #checked = $derived.by(() =>
    checkBulkLines(this.#lines, { ...this.#known(), dateOrder: this.dateOrder, taken: this.#taken }),
  );
  /** The lines that can become requests. */
  good = $derived(this.#checked.filter(({ isGood, line }) => isGood && !this.#refused.has(line)));
  /** The lines with problems. A line that is being corrected keeps its place. */
  attention = $derived(
    this.#checked.filter(({ isGood, line }) => !isGood || this.#changed.has(line) || this.#refused.has(line)),
  );
  bad = $derived(this.#checked.filter(({ isGood, line }) => !isGood || this.#refused.has(line)));
  ready = $derived(this.good.filter(({ line }) => !this.#changed.has(line)));
  names = $derived(this.#lines.map(({ cells }) => cells.name).filter(Boolean));
  count = $derived(this.#lines.length);
  #cells = $derived(new Map(this.#lines.map(({ line, cells }) => [line, cells])));

  clear() {
    this.text = '';
    this.file = null;
    this.encoding = null;
    this.isGuessed = false;
    this.undecodable = null;
    this.#forget();
    this.#taken.clear();
  }

  write(text: string) {
    this.text = text;
    this.file = null;
    this.undecodable = null;
    this.#forget();
  }

  open(file: BulkFile, encoding: TextEncoding | null = null) {
    this.#forget();
    this.file = file;
    const decoded = decodeText(file.bytes, encoding ?? undefined);
    if ('problem' in decoded) {
      this.undecodable = decoded;
      this.encoding = encoding;
      this.text = '';
      return;
    }
    this.undecodable = null;
    this.isGuessed = !decoded.isCertain;
    this.encoding = decoded.encoding;
    this.text = decoded.text;
  }

  setSeparator(separator: CsvSeparator) {
    const { columns, dateOrder } = this;
    this.#forget();
    [this.separator, this.columns, this.dateOrder] = [separator, columns, dateOrder];
  }

  cellsOf(line: number): Cells | undefined {
    return this.#cells.get(line);
  }

  change(line: number, column: BulkRequestColumn, value: string) {
    const cells = this.#cells.get(line);
    if (!cells) return;
    this.#changed.set(line, { ...cells, [column]: value });
    this.#refused.delete(line);
  }

  leaveOut(line: number) {
    this.#gone.add(line);
  }

  /** Records why the server refused the line. */
  refuse(line: number, words: string) {
    this.#refused.set(line, words);
  }

  refusalOf(line: number): string | undefined {
    return this.#refused.get(line);
  }

  takeNames(names: readonly string[]) {
    for (const name of names) this.#taken.add(foldedName(name));
  }

  /** Downloads the remaining lines, to be corrected in a spreadsheet and chosen again. */
  download(
    problemLabel: string,
    only: readonly { line: number; problems: Parameters<typeof wordsForLine>[0][] }[],
  ) {
    const header = [...bulkRequestColumns.map((column) => columnWords[column]()), problemLabel];
    const lines = only.map(({ line, problems }) => {
      const cells = this.#cells.get(line);
      const words = [this.#refused.get(line), ...problems.map(wordsForLine)].filter(Boolean);
      return [...bulkRequestColumns.map((column) => cells?.[column] ?? ''), words.join(' ')];
    });
    return writeCsv([header, ...lines], this.list?.separator);
  }

  #forget() {
    this.separator = null;
    this.dateOrder = null;
    this.columns = {};
    this.#changed.clear();
    this.#gone.clear();
    this.#refused.clear();
  }
}
