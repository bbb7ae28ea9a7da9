import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eq, sql } from 'drizzle-orm';
import { assetChecksums } from '@turnover/db/schema/assets';
import { entries } from '@turnover/db/schema/entries';
import { ruleOverrides } from '@turnover/db/schema/requests';
import {
  deliveryAnswers,
  deliveryCheckView,
  matchedRequestsView,
  type DeliveryAnswers,
} from '@turnover/domain/requests/from-workspace';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import type { Role } from '@turnover/domain/people/projects';
import { nameKey } from '@turnover/domain/names/names';
import type { DeliveryRequest } from '../access.ts';
import { createRequestType } from '../requests/types.ts';
import { requestEvents } from '../requests/history.ts';
import { submitRequest } from '../requests/actions.ts';
import { createComment } from '../requests/comments.ts';
import { listRemovedFiles } from '../requests/files/trash.ts';
import { removeFiles } from '../requests/files/files.ts';
import { currentRequest } from '../requests/transitions.ts';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';
import { checkFromWorkspace } from './check-delivery.ts';
import { addFromWorkspace } from './deliver.ts';
import { matchRequests } from './match-requests.ts';
import { undoAdd } from './undo-delivery.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

type Answers = Partial<Omit<DeliveryAnswers, 'files'>> & {
  files?: Partial<DeliveryAnswers['files'][number]>[];
};
type More = { clearExisting?: boolean; revision?: number };

const as = (role: Role) => scene.hub.as(scene.people[role]);
const load = ({ id }: { id: string }) => currentRequest(scene.hub.db, id);
const termsOf = (entryIds: string[], answers: Answers, { clearExisting = false, ...more }: More = {}) => ({
  entryIds,
  answers: deliveryAnswers.parse(answers),
  clearExisting,
  ...more,
});

async function check(
  request: { id: string },
  entryIds: string[],
  answers: Answers = {},
  more: More & { role?: Role } = {},
) {
  const { role = 'partner', ...terms } = more;
  const view = await checkFromWorkspace(as(role), load(request), termsOf(entryIds, answers, terms));
  return deliveryCheckView.parse(view);
}

function add(
  request: { id: string },
  entryIds: string[],
  answers: Answers = {},
  more: More & { role?: Role } = {},
) {
  const { role = 'partner', ...terms } = more;
  scene.hub.clock.advance(1);
  const input = { ...termsOf(entryIds, answers, terms), replace: false };
  return addFromWorkspace(as(role), load(request), input);
}

const put = (
  name: string,
  { role = 'partner' as Role, content = name, parentId = null as string | null } = {},
) => scene.createEntry(scene.people[role], name, { assetId: scene.createAsset(content), parentId });

function typed(rules: object, facts: Partial<DeliveryRequest> = {}): DeliveryRequest {
  const { id: typeId, version } = createRequestType(as('coordinator'), {
    projectId: scene.project.id,
    name: `Type ${scene.hub.ctx.newId('entry')}`,
    description: '',
    rules: requestRulesSchema.parse(rules),
  });
  return scene.createRequest({ typeId, typeVersion: version, ...facts });
}

/** Copies the first frame to further frame numbers, up to the last one, in one statement. */
function copyFrames(entryId: string, last: number): void {
  scene.hub.db.run(sql`
    with recursive number(frame) as (select 2 union all select frame + 1 from number where frame < ${last})
    insert into entries (id, project_id, owner_id, parent_id, kind, name, name_key, asset_id, created_at, updated_at)
    select id || number.frame, project_id, owner_id, parent_id, kind,
      printf('shot.%05d.dpx', number.frame), printf('shot.%05d.dpx', number.frame), asset_id, created_at, updated_at
    from entries cross join number where id = ${entryId}`);
}

describe('the check', () => {
  test('returns for each file whether it fits, which name it offers, and whether it needs a reason', async () => {
    const request = typed({
      namePattern: 'mix_{reel:digits}.wav',
      extensions: ['wav'],
      overridable: ['name_pattern'],
    });
    const ids = [put('mix_1.wav'), put('mix 2.wav'), put('odd.wav'), put('notes.txt')];
    const { files, counts } = await check(request, ids);
    expect(
      files.map(({ path, offered, outcome, problems }) => [
        path,
        offered,
        outcome,
        problems.map(({ rule, verdict }) => `${rule} ${verdict}`),
      ]),
    ).toEqual([
      ['mix 2.wav', 'mix_2.wav', 'open', ['name_pattern overridable']],
      ['notes.txt', null, 'open', ['extension blocking', 'name_pattern overridable']],
      ['odd.wav', null, 'open', ['name_pattern overridable']],
      ['mix_1.wav', null, 'add', []],
    ]);
    expect(counts).toMatchObject({ files: 4, fit: 1, renamed: 1, reason: 1, both: 0, blocked: 1 });
    expect(scene.pathsIn(request)).toEqual([]);
    const answers = {
      useOfferedNames: true,
      override: 'So be it',
      files: [{ entryId: ids[3]!, skip: true }],
    };
    expect((await check(request, ids, answers)).counts.outcome).toMatchObject({ add: 3, skip: 1, open: 0 });
    expect(await add(request, ids, answers)).toMatchObject({ added: 3, skipped: 1, replaced: 0 });
    expect(scene.pathsIn(request)).toEqual(['mix_1.wav', 'mix_2.wav', 'odd.wav']);
    const [overridden] = requestEvents(as('coordinator'), request, { limit: 10 }).filter(
      ({ kind }) => kind === 'request.ruleOverridden',
    );
    expect(overridden).toMatchObject({
      actor: { id: scene.people.partner.id },
      data: { rule: 'name_pattern', reason: 'So be it', name: 'odd.wav' },
    });
  });

  test('offers a corrected name for marks, spaces and letters of other alphabets, as the request requires', async () => {
    const request = typed({ strictNames: true });
    const decomposed = 'Se\u0301rie 2 – Ton.wav';
    const { files } = await check(request, [put(decomposed)], { useOfferedNames: true });
    expect(files[0]).toMatchObject({ path: decomposed, left: [], outcome: 'add' });
    expect(files[0]!.as).toMatch(/^[A-Za-z0-9._-]+$/);
    const arabic = put('صوت.wav');
    expect(await add(scene.createRequest(), [arabic])).toMatchObject({ added: 1 });
  });

  test('skips files that do not fit only when asked to', async () => {
    const request = typed({ extensions: ['wav'] });
    const ids = [put('mix.wav'), put('notes.txt')];
    expect((await refusalOf(() => add(request, ids))).details).toMatchObject({ rule: 'extension', count: 1 });
    expect(await add(request, ids, { skipMisfits: true })).toMatchObject({ added: 1, skipped: 1 });
    expect(scene.pathsIn(request)).toEqual(['mix.wav']);
  });

  test('returns what the request will contain afterwards, and what will be missing', async () => {
    const names = ['mix.L.wav', 'mix.R.wav', 'mix.C.wav'];
    const request = typed({ expected: { kind: 'list', files: names.map((name) => ({ name })) } });
    scene.deliver(request, 'mix.C.wav');
    const ids = [put('mix.L.wav')];
    const view = await check(request, ids);
    expect(view.after).toEqual({ files: 2, there: 2, expected: 3 });
    expect(view.whole.map(({ rule, details }) => [rule, details.name])).toEqual([
      ['expected_missing', 'mix.R.wav'],
    ]);
    scene.put(request, 'redelivery');
    const cleared = await check(request, ids, {}, { clearExisting: true });
    expect(cleared.after).toEqual({ files: 1, there: 1, expected: 3 });
    expect(cleared.clear).toMatchObject({ files: 1, names: ['mix.C.wav'], whyNot: null });
    const demanding = scene.createRequest({ demandsManifest: true });
    expect((await check(demanding, ids)).whole.map(({ rule }) => rule)).toEqual(['manifest_missing']);
  });

  test('is exact, and its result short, for ten thousand frames', async () => {
    const request = typed({ namePattern: 'shot.{frame:digits}.dpx', overridable: ['name_pattern'] });
    const folder = scene.createEntry(scene.people.partner, 'frames');
    const assetId = scene.createAsset('frame');
    const first = scene.createEntry(scene.people.partner, 'shot.00001.dpx', { parentId: folder, assetId });
    copyFrames(first, 10_000);
    const odd = put('odd.dpx', { parentId: folder });
    const view = await check(request, [folder]);
    expect(view.counts).toMatchObject({ files: 10_001, fit: 10_000, reason: 1 });
    expect(view.files).toHaveLength(500);
    expect(view.files[0]).toMatchObject({ entryId: odd, outcome: 'open' });
    const answers = { override: 'A slate' };
    const { eventId } = await add(request, [folder], answers);
    expect(load(request).fileCount).toBe(10_001);
    expect(undoAdd(as('partner'), request, eventId!)).toEqual({ removed: 10_001, restored: 0 });
    expect(scene.countersOf(request)).toEqual({ fileCount: 0, totalBytes: 0, manifestCount: 0 });
  });
});

describe('a taken name', () => {
  test('states what has the name; the file can replace it, keep both, or be skipped', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'Mix.wav');
    const id = put('mix.wav');
    const [file] = (await check(request, [id])).files;
    expect(file).toMatchObject({
      outcome: 'open',
      taken: {
        by: 'file',
        file: { deliveredBy: { name: 'partner' }, sizeBytes: 'Mix.wav by partner'.length, round: 1 },
        whyNotReplace: null,
      },
    });
    expect((await refusalOf(() => add(request, [id]))).code).toBe('name_taken');
    expect(await add(request, [id], { onCollision: 'skip' })).toMatchObject({
      added: 0,
      skipped: 1,
      eventId: null,
    });
    expect((await check(request, [id], { onCollision: 'keepBoth' })).files[0]!.as).toBe('mix (2).wav');
    expect(await add(request, [id], { onCollision: 'keepBoth' })).toMatchObject({ added: 1, replaced: 0 });
    const one = [{ entryId: id, onCollision: 'replace' as const }];
    expect(await add(request, [id], { files: one })).toMatchObject({ added: 1, replaced: 1 });
    expect(scene.pathsIn(request)).toEqual(['mix (2).wav', 'mix.wav']);
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
  });

  test('with the same bytes needs no answer, because the file is already there', async () => {
    const request = scene.createRequest();
    const sent = put('mix.wav', { content: 'same' });
    await add(request, [sent]);
    const again = put('mix.wav', {
      content: 'same',
      parentId: scene.createEntry(scene.people.partner, 'new'),
    });
    expect((await check(request, [again])).files[0]!.outcome).toBe('open');
    for (const entryId of [sent, again]) {
      const { assetId } = scene.hub.db.select().from(entries).where(eq(entries.id, entryId)).get()!;
      const checksum = { algorithm: 'xxh128', source: 'computed', value: 'a1', at: 1 } as const;
      scene.hub.db
        .insert(assetChecksums)
        .values({ assetId: assetId!, ...checksum })
        .run();
    }
    for (const id of [sent, again]) {
      expect((await check(request, [id])).files[0]!.outcome).toBe('there');
      expect(await add(request, [id], { onCollision: 'replace' })).toMatchObject({ added: 0, there: 1 });
    }
    expect(await add(request, [again], { onCollision: 'keepBoth' })).toMatchObject({ added: 1 });
  });

  test('can also be that of a folder, an upload in progress, or another file of the selection', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'reel/a.wav');
    scene.createUpload(request, 'b.wav', 'uploading');
    const [one, other] = ['1', '2'].map((name) => scene.createEntry(scene.people.partner, name));
    const ids = [
      put('reel'),
      put('b.wav'),
      put('c.wav', { parentId: one! }),
      put('C.wav', { parentId: other! }),
    ];
    const { files } = await check(request, ids, { onCollision: 'replace' });
    const by = Object.fromEntries(files.map(({ path, taken, outcome }) => [path, [taken?.by, outcome]]));
    expect(by).toEqual({
      reel: ['folder', 'open'],
      'b.wav': ['upload', 'open'],
      'C.wav': [undefined, 'add'],
      'c.wav': ['selection', 'open'],
    });
    await add(request, ids, { onCollision: 'keepBoth' });
    expect(scene.pathsIn(request)).toEqual(
      ['b (2).wav', 'C.wav', 'c (2).wav', 'reel/a.wav', 'reel (2)'].toSorted((a, b) =>
        nameKey(a) < nameKey(b) ? -1 : 1,
      ),
    );
  });

  test('hides the file from people who see only their own files, and they cannot replace it', async () => {
    const request = scene.createRequest();
    scene.deliver(request, 'mix.wav', scene.people.partner);
    scene.deliver(request, 'own.wav', scene.people.uploader);
    const ids = [put('mix.wav', { role: 'uploader' }), put('own.wav', { role: 'uploader' })];
    const { files, clear, after } = await check(request, ids, {}, { role: 'uploader' });
    const forbidden = { code: 'forbidden', details: { permission: 'file:remove' } };
    expect(files[0]!.taken).toEqual({ by: 'file', file: null, whyNotReplace: forbidden });
    expect(files[1]!.taken).toMatchObject({ by: 'file', file: { deliveredBy: { name: 'uploader' } } });
    expect(clear).toMatchObject({ files: 1, names: ['own.wav'], whyNot: { code: 'forbidden' } });
    expect(after.files).toBe(1);
    const replacing = { role: 'uploader' as const };
    expect((await refusalOf(() => add(request, ids, { onCollision: 'replace' }, replacing))).code).toBe(
      'name_taken',
    );
    expect(await add(request, ids, { onCollision: 'keepBoth' }, replacing)).toMatchObject({ added: 2 });
  });

  test('of a file that arrived after the check is never replaced or cleared without being shown', async () => {
    const request = scene.createRequest({ status: 'redelivery', round: 2 });
    scene.deliver(request, 'a.wav');
    const ids = [put('a.wav')];
    const { revision } = await check(request, ids, { onCollision: 'replace' });
    scene.deliver(request, 'late.wav', scene.people.uploader);
    for (const [answers, clearExisting] of [
      [{ onCollision: 'replace' }, false],
      [{}, true],
    ] as const) {
      const late = () => add(request, ids, answers, { clearExisting, revision });
      expect((await refusalOf(late)).code).toBe('conflict');
    }
    expect(scene.pathsIn(request)).toEqual(['a.wav', 'late.wav']);
    const seen = await check(request, ids, {}, { clearExisting: true });
    expect(seen.files[0]).toMatchObject({ outcome: 'add', taken: { by: 'cleared' } });
    const added = await add(request, ids, {}, { clearExisting: true, revision: seen.revision });
    expect(added).toMatchObject({ added: 1, cleared: 2 });
  });
});

describe('undo', () => {
  test('removes the files and restores what was replaced and cleared, with the earlier overrides', async () => {
    const request = typed(
      { namePattern: '{n:digits}.wav', overridable: ['name_pattern'] },
      { status: 'redelivery', round: 2 },
    );
    scene.deliver(request, '1.wav', scene.people.uploader);
    scene.deliver(request, '2.wav');
    const ids = [put('1.wav'), put('mix.wav')];
    const replaced = await add(request, ids, { onCollision: 'replace', override: 'Old name' });
    expect(replaced).toMatchObject({ added: 2, replaced: 1 });
    createComment(as('coordinator'), request, { text: 'Seen', mentions: [] });
    expect(undoAdd(as('partner'), request, replaced.eventId!)).toEqual({ removed: 2, restored: 1 });
    expect(scene.pathsIn(request)).toEqual(['1.wav', '2.wav']);
    expect(scene.hub.db.select().from(ruleOverrides).all()).toEqual([]);
    const { files } = listRemovedFiles(as('coordinator'), request, { limit: 10 });
    expect(files.map(({ removal }) => removal)).toEqual(['removed', 'removed']);

    const cleared = await add(request, ids, { override: 'Old name' }, { clearExisting: true });
    expect(scene.pathsIn(request)).toEqual(['1.wav', 'mix.wav']);
    expect(undoAdd(as('partner'), request, cleared.eventId!)).toEqual({ removed: 2, restored: 2 });
    expect(scene.pathsIn(request)).toEqual(['1.wav', '2.wav']);
    expect(scene.countersOf(request)).toEqual(scene.recount(request));
    expect((await refusalOf(() => undoAdd(as('partner'), request, cleared.eventId!))).code).toBe(
      'changed_meanwhile',
    );
  });

  test('is possible for uploaders, who may not remove other files', async () => {
    const request = scene.createRequest();
    const { eventId } = await add(request, [put('u.wav', { role: 'uploader' })], {}, { role: 'uploader' });
    expect(undoAdd(as('uploader'), request, eventId!)).toEqual({ removed: 1, restored: 0 });
    scene.deliver(request, 'uploaded.wav', scene.people.uploader);
    const ofUpload = requestEvents(as('coordinator'), request, { limit: 1 })[0]!.id;
    expect((await refusalOf(() => undoAdd(as('uploader'), request, ofUpload))).code).toBe(
      'changed_meanwhile',
    );
  });

  test('is refused once the files or the status have changed, and states who changed them', async () => {
    const request = scene.createRequest();
    const first = await add(request, [put('a.wav')]);
    scene.deliver(request, 'late.wav', scene.people.uploader);
    expect(await refusalOf(() => undoAdd(as('partner'), request, first.eventId!))).toEqual({
      code: 'changed_meanwhile',
      details: { what: 'undo', by: 'uploader' },
    });
    const second = await add(request, [put('b.wav')]);
    submitRequest(as('coordinator'), request);
    expect((await refusalOf(() => undoAdd(as('partner'), request, second.eventId!))).code).toBe(
      'status_forbids',
    );
    const other = scene.createRequest();
    const third = await add(other, [put('c.wav')]);
    removeFiles(as('coordinator'), other, { allExcept: [] });
    expect((await refusalOf(() => undoAdd(as('partner'), other, third.eventId!))).code).toBe(
      'changed_meanwhile',
    );
  });

  test('is possible only for the person who added the files, in that request', async () => {
    const [request, other] = [scene.createRequest(), scene.createRequest()];
    const { eventId } = await add(request, [put('a.wav')]);
    expect((await refusalOf(() => undoAdd(as('coordinator'), request, eventId!))).code).toBe(
      'changed_meanwhile',
    );
    expect((await refusalOf(() => undoAdd(as('partner'), other, eventId!))).code).toBe('changed_meanwhile');
    expect((await refusalOf(() => undoAdd(as('reviewer'), request, eventId!))).code).toBe('forbidden');
    expect((await refusalOf(() => undoAdd(as('workspace'), request, eventId!))).code).toBe('not_found');
    expect(scene.pathsIn(request)).toEqual(['a.wav']);
  });
});

describe('the requests to choose from', () => {
  const match = async (entryIds: string[], role: Role = 'partner') =>
    matchedRequestsView.parse(
      await matchRequests(as(role), { projectId: scene.project.id, selection: { entryIds } }),
    );

  test('come with the best match first, and name the only request that all files fit', async () => {
    const stems = typed({ extensions: ['mov'] }, { name: 'Stems' });
    const mixes = typed(
      { namePattern: 'mix_{n:digits}.wav', expected: { kind: 'count', min: 4 } },
      { name: 'Mixes' },
    );
    typed({}, { name: 'Over', status: 'accepted' });
    const view = await match([put('mix_1.wav'), put('mix 2.wav')]);
    expect(view).toMatchObject({ files: 2, checked: 2, closed: 1, onlyFit: null });
    expect(
      view.requests.map(({ request, fit, renamed, expected }) => [request.id, fit, renamed, expected]),
    ).toEqual([
      [mixes.id, 1, 1, 4],
      [stems.id, 0, 0, null],
    ]);
    expect(view.requests[1]!.problem).toMatchObject({ rule: 'extension' });
    expect((await match([put('mix_3.wav')])).onlyFit).toBe(mixes.id);
    scene.createRequest({ name: 'Takes anything' });
    expect((await match([put('mix_4.wav')])).onlyFit).toBeNull();
  });

  test('include only requests that the person sees, for files that they may deliver', async () => {
    const request = scene.createRequest();
    const foreign = put('secret.wav', { role: 'coordinator' });
    const stranger = scene.hub.createPerson();
    const asStranger = scene.hub.as(stranger);
    const selection = { entryIds: [foreign] };
    const { id: projectId } = scene.project;
    expect((await refusalOf(() => matchRequests(asStranger, { projectId, selection }))).code).toBe(
      'not_found',
    );
    expect((await refusalOf(() => match([foreign]))).code).toBe('not_found');
    expect((await match([put('w.wav', { role: 'workspace' })], 'workspace')).requests).toEqual([]);
    const unassigned = scene.hub.createPerson({ project: scene.project, role: 'partner' });
    const own = scene.createEntry(unassigned, 'own.wav', { assetId: scene.createAsset() });
    const view = await matchRequests(scene.hub.as(unassigned), { projectId, selection: { entryIds: [own] } });
    expect(view.requests).toEqual([]);
    expect((await match([put('mix.wav')])).requests.map((each) => each.request.id)).toEqual([request.id]);
    expect((await refusalOf(() => check(request, [foreign]))).code).toBe('not_found');
  });

  test('are matched by a sample of a large selection', async () => {
    const request = scene.createRequest();
    const folder = scene.createEntry(scene.people.partner, 'many');
    copyFrames(put('shot.00001.dpx', { parentId: folder }), 1200);
    const view = await match([folder]);
    expect(view).toMatchObject({ files: 1200, checked: 1000, onlyFit: request.id });
    expect(view.requests[0]!.fit).toBe(1000);
  });
});
