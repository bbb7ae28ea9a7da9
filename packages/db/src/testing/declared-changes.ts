/** What the migrations do to existing rows on purpose. A new migration that changes rows is added here, with its reason. */
import type { DeclaredChange, Row, Rows } from './kept-rows.ts';

const isSequence = ({ kind }: Row) => kind === 'sequence';

const readsNamesAnew =
  'Names are read anew: files move into sequences and out of them, and what is no sequence any more ends.';

const readsAgain =
  'The lists of a request with an ASC MHL history are read and compared again. The files that state them stay.';

export const declaredChanges: readonly DeclaredChange[] = [
  {
    migration: '0001_workspace_whole',
    table: 'entries',
    why: 'Frames beside each other move into a new sequence.',
    computes: ['parent_id'],
    adds: true,
  },
  {
    migration: '0008_identity',
    table: 'throttles',
    why: 'Wrong passwords are counted anew, by browser and address, in the table guesses.',
    drops: true,
  },
  {
    migration: '0011_sequences',
    table: 'entries',
    why: readsNamesAnew,
    computes: ['parent_id', 'place_key', 'sequence_key', 'frame', 'item_count', 'sort_key', 'look_key'],
    adds: true,
  },
  {
    migration: '0011_sequences',
    table: 'entries',
    why: readsNamesAnew,
    where: isSequence,
    computes: ['name', 'name_key', 'first_frame', 'last_frame', 'file_count', 'size_bytes', 'state_rank'],
    removes: true,
  },
  ...['0035_read_histories_again', '0044_folder_hashes'].flatMap((migration): DeclaredChange[] => [
    { migration, table: 'manifests', why: readsAgain, where: besideHistory, removes: true },
    { migration, table: 'manifest_comparisons', why: readsAgain, where: besideHistory, removes: true },
    { migration, table: 'manifest_entries', why: readsAgain, where: ofListBesideHistory, removes: true },
  ]),
  {
    migration: '0038_archives_used_at',
    table: 'archives',
    why: 'The column has the name of what it holds.',
    renames: { created_at: 'used_at' },
  },
  {
    migration: '0039_keep_facts_of_previews',
    table: 'preview_runs',
    why: 'Texts of errors become a plain reason.',
    where: (row) => row.ended_at !== null && row.report === null && /[^a-z_]/.test(String(row.reason)),
    computes: ['reason'],
  },
  {
    migration: '0046_sign_ins',
    table: 'sessions',
    why: 'The browser of a session is kept in the table sign_ins.',
    renames: { user_agent: null },
  },
  {
    migration: '0051_roles_of_groups',
    table: 'identities',
    why: 'What groups gave names the role in each project.',
    computes: ['given'],
  },
];

function besideHistory(row: Row, before: Rows): boolean {
  return rowsOf(before, 'manifests').some(
    (manifest) => manifest.what === 'asc_mhl' && manifest.request_id === row.request_id,
  );
}

function ofListBesideHistory(row: Row, before: Rows): boolean {
  return rowsOf(before, 'manifests').some(
    (manifest) => manifest.file_id === row.list_id && besideHistory(manifest, before),
  );
}

function rowsOf(rows: Rows, table: string): Row[] {
  return [...(rows.get(table)?.values() ?? [])];
}
