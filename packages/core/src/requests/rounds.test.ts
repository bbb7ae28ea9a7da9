import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { inTransaction } from '@turnover/db/transaction';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, rounds } from '@turnover/db/schema/requests';
import { HubError } from '@turnover/domain/errors';
import type { Role } from '@turnover/domain/people/projects';
import type { RoundsComparisonView } from '@turnover/domain/requests/rounds';
import type { DeliveryRequest } from '../access.ts';
import { askForRedelivery } from './redelivery/redeliveries.ts';
import { reopenRequest, reviewAndSubmit } from './actions.ts';
import { replaceRuns } from './processing/replaced-runs.ts';
import { clearFiles, removeFiles, renameFile } from './files/files.ts';
import { restoreFile } from './files/restore.ts';
import { currentRequest } from './transitions.ts';
import { compare, listRounds, viewRound } from './rounds.ts';
import { answerFinding, checkFinding } from './redelivery/findings.ts';
import { requestEvents } from './history.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';

let scene: RequestScene;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
});
afterEach(() => scene.close());

const as = (role: Role) => scene.hub.as(scene.people[role]);
const now = () => currentRequest(scene.hub.db, request.id);
const roundsFor = (role: Role = 'partner') => listRounds(as(role), now());
const compared = (from: number, to: number, role: Role = 'partner') => compare(as(role), now(), { from, to });

async function submit(): Promise<void> {
  await reviewAndSubmit(as('partner'), request);
  scene.put(request, 'processed');
}

function ask(reasons = ['audio_spec'], clearExisting = false): void {
  askForRedelivery(as('coordinator'), request, { reasons, comment: '', clearExisting });
}

/** Stores checksums as the checksum stage does. `bytes`: a text that stands for the file content. */
function hash(fileId: string, bytes: string): void {
  const { assetId } = scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, fileId)).get()!;
  scene.hub.db.update(assets).set({ sizeBytes: bytes.length }).where(eq(assets.id, assetId)).run();
  for (const algorithm of ['xxh128', 'md5'] as const) {
    scene.hub.db
      .insert(assetChecksums)
      .values({ assetId, algorithm, value: bytes, source: 'computed', at: scene.hub.clock.now })
      .run();
  }
}

function deliver(path: string, bytes: string, replace = false, role: Role = 'partner'): string {
  const id = scene.deliver(request, path, scene.people[role], replace);
  hash(id, bytes);
  return id;
}

const changesIn = ({ added, removed, changed, renamed, resent }: RoundsComparisonView) => ({
  added: added.map(({ path }) => path),
  removed: removed.map(({ path }) => path),
  changed: changed.map(({ path, bySize }) => [path, bySize]),
  renamed: renamed.map(({ path, before }) => [before.path, path]),
  resent: resent.map(({ path }) => path),
});

describe('comparing a round with a later one', () => {
  test('lists files that were added, removed, changed, renamed and sent again', async () => {
    const gone = deliver('gone.wav', 'g');
    deliver('stays.wav', 's');
    deliver('mix.wav', 'old');
    const toRename = deliver('v07.wav', 'same');
    deliver('again.wav', 'again');
    await submit();
    ask();
    removeFiles(as('partner'), request, { fileIds: [gone] });
    deliver('new.wav', 'n');
    deliver('mix.wav', 'newer', true);
    await renameFile(as('partner'), { id: toRename }, 'v08.wav');
    deliver('again.wav', 'again', true);
    const expected = {
      added: ['new.wav'],
      removed: ['gone.wav'],
      changed: [['mix.wav', 2]],
      renamed: [['v07.wav', 'v08.wav']],
      resent: ['again.wav'],
    };
    // The current round can be compared before its submit.
    expect(changesIn(compared(1, 2))).toEqual(expected);
    await submit();
    expect(changesIn(compared(1, 2))).toEqual(expected);
    expect(compared(1, 2).counts).toEqual({ added: 1, removed: 1, changed: 1, renamed: 1, resent: 1 });
  });

  test('recognises the same bytes under another name after a new upload', async () => {
    const old = deliver('old.wav', 'same');
    await submit();
    ask();
    removeFiles(as('partner'), request, { fileIds: [old] });
    deliver('new.wav', 'same');
    expect(changesIn(compared(1, 2)).renamed).toEqual([['old.wav', 'new.wav']]);
  });

  test('lists only the final differences over several rounds', async () => {
    deliver('a.wav', 'one');
    await submit();
    ask();
    deliver('a.wav', 'two', true);
    deliver('between.wav', 'b');
    await submit();
    ask(['wrong_file'], true);
    deliver('a.wav', 'one');
    await submit();
    expect(changesIn(compared(1, 3))).toMatchObject({
      added: [],
      removed: [],
      changed: [],
      resent: ['a.wav'],
    });
    expect(changesIn(compared(2, 3))).toMatchObject({ removed: ['between.wav'], changed: [['a.wav', 0]] });
  });

  test.each([
    [1, 1],
    [2, 1],
    [1, 3],
  ])('refuses to compare %i with %i', async (from, to) => {
    deliver('a.wav', 'a');
    await submit();
    ask();
    expect(await refusalOf(() => compared(from, to))).toMatchObject({ code: 'invalid_input' });
  });

  test('doubts whether the changes address a reason of the earlier round', async () => {
    deliver('mix.wav', 'a');
    deliver('en.srt', 's');
    await submit();
    ask(['audio_spec']);
    expect(compared(1, 2).doubts).toEqual([{ reason: 'audio_spec', doubt: 'nothing_changed' }]);
    deliver('en.srt', 'other', true);
    expect(compared(1, 2).doubts).toEqual([{ reason: 'audio_spec', doubt: 'kind_untouched' }]);
    deliver('mix.wav', 'b', true);
    expect(compared(1, 2).doubts).toEqual([]);
  });
});

describe('people who see only their own files', () => {
  test('get the counts of their own files only, and no doubts', async () => {
    const mix = deliver('mix.wav', 'a');
    const mine = deliver('mine.wav', 'm', false, 'uploader');
    await submit();
    for (const id of [mix, mine]) scene.startStage(request, id);
    scene.hub.db.update(stageRuns).set({ status: 'failed' }).run();
    scene.hub.db.update(rounds).set({ filesFailed: 2 }).run();
    ask();
    deliver('mix.wav', 'b', true);
    await submit();
    expect(roundsFor('uploader').map(({ added, removed }) => [added, removed])).toEqual([
      [1, 0],
      [0, 0],
    ]);
    expect(roundsFor('uploader').map(({ filesFailed }) => filesFailed)).toEqual([1, 0]);
    const runIds = scene.hub.db.select({ id: stageRuns.id }).from(stageRuns).all();
    inTransaction(scene.hub.db, (tx) =>
      replaceRuns(
        tx,
        2,
        runIds.map(({ id }) => id),
      ),
    );
    expect(roundsFor('uploader').map(({ filesFailed }) => filesFailed)).toEqual([1, 0]);
    expect(roundsFor()[0]!.filesFailed).toBe(2);
    expect(compared(1, 2, 'uploader').counts).toMatchObject({ changed: 0, added: 0, removed: 0 });
    expect(compared(1, 2, 'uploader').doubts).toEqual([]);
    expect(compared(1, 2).counts.changed).toBe(1);
  });
});

describe('the list of rounds', () => {
  test('counts added and removed files, and names who submitted and why a redelivery was asked for', async () => {
    const a = deliver('a.wav', 'a');
    const never = deliver('never.wav', 'n');
    removeFiles(as('partner'), request, { fileIds: [never] });
    await submit();
    ask(['audio_spec', 'wrong_file']);
    expect(roundsFor()).toHaveLength(1);
    removeFiles(as('partner'), request, { fileIds: [a] });
    deliver('b.wav', 'b');
    deliver('c.wav', 'c');
    await submit();
    const [first, second] = roundsFor();
    expect(first).toMatchObject({ number: 1, added: 1, removed: 0, submittedBy: { name: 'partner' } });
    expect(first!.redelivery).toMatchObject({
      reasons: ['audio_spec', 'wrong_file'],
      by: { name: 'coordinator' },
    });
    expect(second).toMatchObject({ number: 2, added: 2, removed: 1, redelivery: null });
  });
});

describe('a submitted round', () => {
  test('keeps the names it was submitted with', async () => {
    const id = deliver('a.wav', 'a');
    await submit();
    ask();
    const { id: renamed } = await renameFile(as('partner'), { id }, 'b.wav');
    expect(renamed).not.toBe(id);
    expect(filesIn(1)).toEqual(['a.wav']);
    expect(filesIn(2)).toEqual(['b.wav']);
    expect((await renameFile(as('partner'), { id: renamed }, 'c.wav')).id).toBe(renamed);
    expect(filesIn(1)).toEqual(['a.wav']);
  });

  const step = fc.record({
    act: fc.constantFrom('add', 'replace', 'rename', 'remove', 'clear', 'restore', 'next', 'next', 'reopen'),
    name: fc.constantFrom('a.wav', 'A.wav', 'b.wav', 'c.wav'),
    which: fc.nat(20),
  });

  test('does not change through later actions', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { maxLength: 40 }), async (steps) => {
        request = scene.createRequest();
        const submitted = new Map<number, string[]>();
        for (const { act, name, which } of steps) {
          try {
            await acts[act]!(name, which);
          } catch (error) {
            if (!(error instanceof HubError)) throw error;
          }
          const { status, round } = now();
          if (status === 'processed' && !submitted.has(round)) submitted.set(round, filesIn(round));
          for (const [number, files] of submitted) expect(filesIn(number)).toEqual(files);
        }
      }),
      { numRuns: 60 },
    );
  });

  const acts: Record<string, (name: string, which: number) => unknown> = {
    add: (name) => scene.deliver(request, name),
    replace: (name) => scene.deliver(request, name, scene.people.partner, true),
    rename: (name, which) => renameFile(as('partner'), anyFile(which), name),
    remove: (_name, which) => removeFiles(as('partner'), request, { fileIds: [anyFile(which).id] }),
    clear: () => clearFiles(as('coordinator'), request),
    restore: (_name, which) => restoreFile(as('coordinator'), anyFile(which)),
    reopen: () => reopenRequest(as('coordinator'), request),
    next: async (name) => {
      if (now().status !== 'processed') await submit();
      else ask(['wrong_file'], name === 'b.wav');
    },
  };

  function anyFile(which: number): { id: string } {
    const rows = rowsOf();
    return rows[which % Math.max(1, rows.length)] ?? { id: 'dlf_none' };
  }
});

const rowsOf = () =>
  scene.hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.requestId, request.id)).all();

function filesIn(round: number): string[] {
  return rowsOf()
    .filter(({ addedRound, removedRound }) => addedRound <= round && (removedRound ?? Infinity) > round)
    .map(({ path }) => path)
    .sort();
}

describe('the page of a round', () => {
  const round = (number: number, role: Role = 'coordinator') => viewRound(as(role), now(), number);
  const finding = (note: string, fileId: string | null = null) => ({
    reason: 'audio_spec',
    fileId,
    timecodeIn: null,
    timecodeOut: null,
    note,
  });
  const notes = (found: readonly { note: string }[]) => found.map(({ note }) => note);

  test('shows its counts, why it was sent back, the findings of the round, and the findings it should answer', async () => {
    const mix = deliver('mix.wav', 'old');
    deliver('stems.wav', 'own', false, 'uploader');
    await submit();
    const pins = [finding('loud', mix), finding('late')];
    const asked = { reasons: ['other'], comment: 'Twice', clearExisting: true, pins };
    askForRedelivery(as('coordinator'), request, asked);
    const [late, loud] = round(1).found;
    answerFinding(as('partner'), loud!, 'fixed', 'Lower now');
    deliver('mix.wav', 'newer');
    await submit();
    checkFinding(as('reviewer'), late!, true);
    ask();
    deliver('mix.wav', 'newest', true);
    expect(round(1)).toMatchObject({
      number: 1,
      files: 2,
      sizeBytes: 6,
      ownFilesOnly: false,
      submittedBy: { name: 'partner' },
      redelivery: {
        reasons: ['other', 'audio_spec'],
        comment: 'Twice',
        cleared: true,
        by: { name: 'coordinator' },
      },
      carried: [],
    });
    expect(notes(round(1).found).toSorted()).toEqual(['late', 'loud']);
    expect(round(2)).toMatchObject({ files: 1, sizeBytes: 5, found: [], redelivery: { cleared: false } });
    const carried = round(2).carried.toSorted((one, other) => one.note.localeCompare(other.note));
    expect(carried).toMatchObject([
      { note: 'late', round: 1, answer: null, checked: { by: { name: 'reviewer' }, round: 2 } },
      {
        note: 'loud',
        file: { id: mix, path: 'mix.wav' },
        answer: { is: 'fixed', comment: 'Lower now' },
        checked: null,
      },
    ]);
  });

  test('shows an uploader only their own part', async () => {
    const mix = deliver('mix.wav', 'old');
    const stems = deliver('stems.wav', 'own', false, 'uploader');
    await submit();
    const pins = [finding('theirs', mix), finding('mine', stems), finding('whole')];
    askForRedelivery(as('coordinator'), request, { reasons: [], comment: '', clearExisting: false, pins });
    expect(round(1, 'uploader')).toMatchObject({ files: 1, sizeBytes: 3, ownFilesOnly: true });
    expect(notes(round(1, 'uploader').found).toSorted()).toEqual(['mine', 'whole']);
  });

  test('throws not_found for a round that was not submitted', async () => {
    deliver('mix.wav', 'old');
    expect(await refusalOf(() => round(1))).toMatchObject({ code: 'not_found' });
    await submit();
    ask();
    for (const number of [2, 3])
      expect(await refusalOf(() => round(number))).toMatchObject({ code: 'not_found' });
  });

  test('shows the history of its round', async () => {
    deliver('mix.wav', 'old');
    await submit();
    ask(['audio_spec'], true);
    deliver('mix.wav', 'new');
    await submit();
    const kinds = (number: number) =>
      requestEvents(as('coordinator'), now(), { round: number, limit: 50 }).map(({ kind }) => kind);
    expect(kinds(1)).toEqual(['request.redeliveryAsked', 'request.submitted', 'file.added']);
    expect(kinds(2)).toEqual(['request.submitted', 'file.added', 'file.cleared']);
    expect(kinds(3)).toEqual([]);
  });
});
