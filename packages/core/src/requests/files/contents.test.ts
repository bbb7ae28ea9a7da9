import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { deliveredFiles } from '@turnover/db/schema/requests';
import {
  listContentsInput,
  type ContentRowView,
  type ListContentsInput,
} from '@turnover/domain/requests/contents';
import type { Role } from '@turnover/domain/people/projects';
import type { DeliveryRequest } from '../../access.ts';
import { refusalOf, requestScene, type RequestScene } from '../../testing/requests.ts';
import { reviewAndSubmit } from '../actions.ts';
import { askForRedelivery } from '../redelivery/redeliveries.ts';
import { currentRequest } from '../transitions.ts';
import { listContents } from './contents.ts';
import { removeFiles, renameFile } from './files.ts';
import { restoreFile } from './restore.ts';

let scene: RequestScene;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
});
afterEach(() => scene.close());

const as = (role: Role) => scene.hub.as(scene.people[role]);
const now = () => currentRequest(scene.hub.db, request.id);
const deliver = (path: string, role: Role = 'partner', replace = false) =>
  scene.deliver(request, path, scene.people[role], replace);
const frames = (pattern: string, numbers: readonly number[], role?: Role) =>
  numbers.map((number) =>
    deliver(
      pattern.replace(/#+/, (marks) => String(number).padStart(marks.length, '0')),
      role,
    ),
  );

function contents(input: Partial<ListContentsInput> = {}, role: Role = 'coordinator') {
  const whole = listContentsInput.parse({ requestId: request.id, ...input });
  return listContents(as(role), now(), whole);
}
const named = (row: ContentRowView) => {
  const { folder, name } = row.kind === 'file' ? row.file : row;
  return folder ? `${folder}/${name}` : name;
};
const names = (input: Partial<ListContentsInput> = {}, role?: Role) => contents(input, role).rows.map(named);
/** The rows of a round, with words for the changes since the round before. */
const changesIn = (round: number) =>
  contents({ round }).rows.map((row) => [
    named(row),
    Object.fromEntries(Object.entries(row.change ?? {}).filter(([, files]) => files > 0)),
  ]);

async function submit(): Promise<void> {
  await reviewAndSubmit(as('partner'), now());
  scene.put(request, 'processed');
}
function ask(clearExisting = false): void {
  askForRedelivery(as('coordinator'), request, { reasons: ['wrong_file'], comment: '', clearExisting });
}

describe('the present contents', () => {
  test('lists a sequence as one row with its frames, gaps and size, and files that form no sequence separately', () => {
    frames('plates/shot.####.exr', [1001, 1002, 1004]);
    for (const name of ['mix.wav', 'poster_2023.tif', 'poster_2024.tif', 'plates/alone.0001.exr'])
      deliver(name);
    expect(names()).toEqual([
      'mix.wav',
      'plates/alone.0001.exr',
      'plates/shot.####.exr',
      'poster_2023.tif',
      'poster_2024.tif',
    ]);
    expect(contents()).toMatchObject({ total: 5, sequence: null });
    expect(contents().rows[2]).toMatchObject({
      kind: 'sequence',
      files: 3,
      sizeBytes: 'plates/shot.1001.exr by partner'.length * 3,
      frames: { first: 1001, last: 1004, count: 3, missing: 1, duplicates: 0, gaps: [[1003, 1003]] },
      counts: { live: 0, failed: 0, verifying: 0 },
      change: null,
    });
  });

  test('forms one sequence per folder, whatever the case, padding and order of arrival of its frames', () => {
    frames('b/SHOT.###.exr', [999, 998]);
    frames('b/shot.####.exr', [1001, 1000]);
    frames('a/shot.####.exr', [1, 2]);
    deliver('b/shot.00998.exr');
    expect(names()).toEqual(['a/shot.####.exr', 'b/shot.#####.exr']);
    expect(contents().rows[1]).toMatchObject({ files: 5, frames: { count: 4, duplicates: 1, missing: 0 } });
  });

  test('distinguishes a folder named like a sequence pattern from a file with that name at the top', () => {
    for (const name of ['x.#/s.0001.exr', 'x.#/s.0002.exr']) deliver(name);
    frames('s.####.exr', [1, 2]);
    expect(names()).toEqual(['s.####.exr', 'x.#/s.####.exr']);
  });

  test('sorts by name, size and time in both directions, page by page', () => {
    deliver('b.wav');
    scene.hub.clock.now += 1000;
    frames('a.####.exr', [1, 2]);
    scene.hub.clock.now += 1000;
    deliver('a very long name.wav');
    const by = (column: 'name' | 'size' | 'added', descending = false) =>
      names({ order: { column, descending } });
    expect(by('name')).toEqual(['a very long name.wav', 'a.####.exr', 'b.wav']);
    expect(by('name', true)).toEqual(['b.wav', 'a.####.exr', 'a very long name.wav']);
    expect(by('size')).toEqual(['b.wav', 'a very long name.wav', 'a.####.exr']);
    expect(by('added', true)).toEqual(['a very long name.wav', 'a.####.exr', 'b.wav']);
    expect(names({ offset: 1, limit: 1 })).toEqual(['a.####.exr']);
    expect(contents({ offset: 1, limit: 1 }).total).toBe(3);
    expect(names({ offset: 9 })).toEqual([]);
  });

  test('finds parts of paths in any case, and a whole sequence by any of its frames', () => {
    frames('Reel 1/shot.####.exr', [1001, 1002]);
    deliver('Reel 1/mix.wav');
    deliver('other%_.wav');
    expect(names({ filter: 'REEL' })).toEqual(['Reel 1/mix.wav', 'Reel 1/shot.####.exr']);
    const [row] = contents({ filter: '1002' }).rows;
    expect(row).toMatchObject({ kind: 'sequence', files: 2 });
    expect(names({ filter: 'shot.####.exr' })).toEqual(['Reel 1/shot.####.exr']);
    expect(names({ filter: '%_' })).toEqual(['other%_.wav']);
    expect(contents({ filter: 'nothing' })).toMatchObject({ rows: [], total: 0 });
    expect(names({ filter: '   ' })).toHaveLength(3);
  });

  test('lists the frames of an opened sequence by number, and describes the sequence', () => {
    frames('s.#.exr', [10, 9, 11]);
    frames('t.#.exr', [1, 2]);
    const [{ id }] = contents().rows as [ContentRowView];
    const opened = contents({ sequenceId: id, order: { column: 'size', descending: true } });
    expect(opened.rows.map(named)).toEqual(['s.9.exr', 's.10.exr', 's.11.exr']);
    expect(opened).toMatchObject({ total: 3, sequence: { name: 's.#.exr', files: 3 } });
    expect(names({ sequenceId: id, filter: '10' })).toEqual(['s.10.exr']);
    expect(contents({ sequenceId: '/gone.#.exr' })).toEqual({ rows: [], total: 0, sequence: null });
  });

  test('updates which files form sequences after each change, also after one that changes only the counters', () => {
    frames('s.####.exr', [1]);
    expect(names()).toEqual(['s.0001.exr']);
    const [second] = frames('s.####.exr', [2]);
    expect(names()).toEqual(['s.####.exr']);
    expect(names({}, 'uploader')).toEqual([]);
    frames('s.####.exr', [3], 'uploader');
    expect(names({}, 'uploader')).toEqual(['s.0003.exr']);
    removeFiles(as('partner'), request, { fileIds: [second!] });
    expect(names()).toEqual(['s.####.exr']);
    // Simulates one batch of a large removal, which writes its event only at the end.
    const { $client } = scene.hub.db;
    $client.exec(`update delivered_files set removed_at = 9, removed_round = 1 where path = 's.0003.exr'`);
    $client.exec('update requests set file_count = file_count - 1');
    expect(names()).toEqual(['s.0001.exr']);
  });

  test('shows at once when stages and checksums end, although the request does not change', () => {
    const [one] = frames('s.####.exr', [1, 2]) as [string];
    deliver('mix.wav');
    const counts = () => contents().rows.find(({ kind }) => kind === 'sequence');
    const { assetId } = scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, one)).get()!;
    scene.createUpload(request, 's.0001.exr', 'verifying', assetId);
    scene.startStage(request, one);
    expect(counts()).toMatchObject({ counts: { live: 1, verifying: 1 } });
    const { $client } = scene.hub.db;
    $client.exec(`update uploads set status = 'complete'`);
    $client.exec(`update stage_runs set status = 'done'`);
    expect(counts()).toMatchObject({ counts: { live: 0, verifying: 0 } });
  });

  test('keeps frames in their sequence when they are renamed or restored', async () => {
    const [first, second] = frames('s.####.exr', [1, 2]) as [string, string];
    await submit();
    ask();
    await renameFile(as('partner'), { id: second }, 's.0007.exr');
    expect(contents().rows[0]).toMatchObject({ kind: 'sequence', frames: { first: 1, last: 7 } });
    removeFiles(as('partner'), request, { fileIds: [first] });
    expect(names()).toEqual(['s.0007.exr']);
    restoreFile(as('coordinator'), { id: first });
    expect(names()).toEqual(['s.####.exr']);
  });

  test('counts the files of a sequence that wait, failed, or have no checksum', () => {
    const [one, two] = frames('s.####.exr', [1, 2, 3]) as [string, string];
    for (const id of [one, two]) scene.startStage(request, id);
    scene.hub.db.$client.prepare(`update stage_runs set status = 'failed' where file_id = ?`).run(one);
    const { assetId } = scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, two)).get()!;
    scene.createUpload(request, 's.0002.exr', 'verifying', assetId);
    expect(contents().rows[0]).toMatchObject({ counts: { live: 1, failed: 1, verifying: 1 } });
  });

  test('shows an uploader only their own files and frames', () => {
    frames('s.####.exr', [1, 2]);
    frames('s.####.exr', [3, 4], 'uploader');
    frames('t.####.exr', [1, 2]);
    deliver('t.0003.exr', 'uploader');
    expect(names()).toEqual(['s.####.exr', 't.####.exr']);
    expect(contents({}, 'uploader').rows).toMatchObject([
      { kind: 'sequence', files: 2, frames: { first: 3, last: 4 } },
      { kind: 'file', file: { name: 't.0003.exr' } },
    ]);
    const [{ id }] = contents().rows as [ContentRowView];
    expect(names({ sequenceId: id }, 'uploader')).toEqual(['s.0003.exr', 's.0004.exr']);
  });
});

describe('a submitted round', () => {
  test('does not change, whatever happens later', async () => {
    frames('s.####.exr', [1, 2, 3]);
    const mix = deliver('mix.wav');
    await submit();
    ask();
    await renameFile(as('partner'), { id: mix }, 'mix_v2.wav');
    deliver('s.0002.exr', 'partner', true);
    deliver('s.0004.exr');
    await submit();
    ask(true);
    deliver('new.wav');
    expect(names({ round: 1 })).toEqual(['mix.wav', 's.####.exr']);
    expect(contents({ round: 1 }).rows[1]).toMatchObject({ files: 3, frames: { last: 3 } });
    expect(names({ round: 2 })).toEqual(['mix_v2.wav', 's.####.exr']);
    expect(names({ round: 3 })).toEqual(['new.wav']);
    expect(names()).toEqual(['new.wav']);
    expect(names({ round: 2, sequenceId: contents({ round: 2 }).rows[1]!.id })).toHaveLength(4);
  });

  test('compares bytes with the round before and shows what changed', async () => {
    frames('s.####.exr', [1, 2, 3]);
    const mix = deliver('mix.wav');
    deliver('stays.wav');
    deliver('again.wav');
    deliver('other.wav');
    await submit();
    expect(contents({ round: 1 }).rows.every(({ change }) => change === null)).toBe(true);
    ask();
    await renameFile(as('partner'), { id: mix }, 'mix_v2.wav');
    for (const name of ['s.0002.exr', 'again.wav', 'other.wav']) deliver(name, 'partner', true);
    deliver('s.0004.exr');
    deliver('new.wav');
    const checksum = scene.hub.db.$client.prepare(`
      insert into asset_checksums (asset_id, algorithm, source, value, at)
      select asset_id, 'xxh128', 'computed', case path when 'again.wav' then 'same' else id end, 1 from delivered_files
      where path in ('again.wav', 'other.wav')`);
    checksum.run();
    await submit();
    expect(changesIn(2)).toEqual([
      ['again.wav', { same: 1 }],
      ['mix_v2.wav', { renamed: 1 }],
      ['new.wav', { added: 1 }],
      ['other.wav', { changed: 1 }],
      ['s.####.exr', { added: 1, changed: 1, same: 2 }],
      ['stays.wav', { same: 1 }],
    ]);
  });

  test('refuses a round that the request has not reached', async () => {
    deliver('mix.wav');
    expect(await refusalOf(() => contents({ round: 2 }))).toMatchObject({ code: 'not_found' });
  });
});
