import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { eq, inArray } from 'drizzle-orm';
import { assets, previewRuns } from '@turnover/db/schema/assets';
import { jobs } from '@turnover/db/schema/jobs';
import { events } from '@turnover/db/schema/events';
import { inTransaction } from '@turnover/db/transaction';
import {
  maxPreviewsAtOnce,
  maxPreviewsWaiting,
  maxThumbnailsWaiting,
} from '@turnover/domain/media/preview-runs';
import {
  askForPreviews,
  askForThumbnails,
  endPreviews,
  endPreviewTurn,
  giveUpPreviews,
  waitingPreviews,
  type PreviewJob,
} from '../assets/preview-runs.ts';
import { loadEntry } from '../entries/access.ts';
import { listWorkspace } from '../entries/list.ts';
import { claim } from '../jobs.ts';
import { refusalOf } from '../testing/requests.ts';
import { shareScene, type ShareScene } from '../testing/shares.ts';
import { revokeShare } from '../shares/revoke.ts';
import { makeEntryPreviews, viewEntryPreviews } from './previews.ts';
import { removeEntry } from './trash.ts';

let scene: ShareScene;
beforeEach(async () => {
  scene = await shareScene();
});
afterEach(() => scene.hub.close());

const wanted = (...entryIds: string[]) => ({ projectId: scene.project.id, entryIds });
const codeOf = async (work: () => unknown) => (await refusalOf(work)).code;
const kinds = ['makePreviews', 'makeLongPreviews'] as const;
const queued = () => scene.hub.db.select().from(jobs).where(inArray(jobs.kind, kinds)).all();
const claimed = () => claim(scene.hub.ctx, kinds) as PreviewJob;
const ended = {
  reason: null,
  report: null,
  facts: null,
  previews: [{ kind: 'thumbnail', sizeBytes: 5 }],
} as const;

describe('the people who may ask for previews', () => {
  test('are the owner, and everybody with a share in force', async () => {
    const { hub, owner, cora, tomas, people, stranger } = scene;
    const folder = scene.folder('Stills');
    const entry = scene.file('still.png', folder);
    const share = scene.share(folder, cora);
    expect(makeEntryPreviews(owner, wanted(entry))).toMatchObject([{ id: entry, status: 'waiting' }]);
    expect(viewEntryPreviews(hub.as(cora), wanted(entry))).toMatchObject([{ status: 'waiting' }]);
    for (const person of [tomas, people.coordinator, people.reviewer, stranger]) {
      expect(await codeOf(() => viewEntryPreviews(hub.as(person), wanted(entry)))).toBe('not_found');
      expect(await codeOf(() => makeEntryPreviews(hub.as(person), wanted(entry)))).toBe('not_found');
    }
    revokeShare(owner, share.id);
    expect(await codeOf(() => viewEntryPreviews(hub.as(cora), wanted(entry)))).toBe('not_found');
    expect(await codeOf(() => makeEntryPreviews(hub.as(cora), wanted(entry)))).toBe('not_found');
  });

  test('cannot ask through another project, or for entries in the trash', async () => {
    const { hub, owner, pat } = scene;
    const entry = scene.file('still.png');
    const other = hub.createProject('Other');
    hub.addMember(other, pat, 'partner');
    const elsewhere = { projectId: other.id, entryIds: [entry] };
    expect(await codeOf(() => makeEntryPreviews(owner, elsewhere))).toBe('not_found');
    removeEntry(owner, loadEntry(hub.db, owner, entry));
    expect(await codeOf(() => makeEntryPreviews(owner, wanted(entry)))).toBe('not_found');
    expect(queued()).toEqual([]);
  });

  test('get not_found and no previews when one of several entries is unknown', async () => {
    const { owner, hub } = scene;
    const entry = scene.file('still.png');
    const both = wanted(entry, hub.ctx.newId('entry'));
    expect(await codeOf(() => makeEntryPreviews(owner, both))).toBe('not_found');
    expect(queued()).toEqual([]);
  });
});

describe('asking for previews', () => {
  test('queues the same bytes once when several people ask several times', () => {
    const { owner, hub, cora } = scene;
    const entry = scene.file('still.png');
    scene.share(entry, cora);
    makeEntryPreviews(owner, wanted(entry, entry));
    makeEntryPreviews(hub.as(cora), wanted(entry));
    expect(queued()).toMatchObject([{ kind: 'makePreviews' }]);
  });

  test('queues films as long jobs, and frames as one job', () => {
    const { owner } = scene;
    const frames = ['a.0001.exr', 'a.0002.exr'].map((name) => scene.file(name));
    makeEntryPreviews(owner, wanted(...frames, scene.file('film.mov')));
    expect(
      queued().map(({ kind, payload }) => [kind, (payload as { assetIds: string[] }).assetIds.length]),
    ).toEqual([
      ['makePreviews', 2],
      ['makeLongPreviews', 1],
    ]);
  });

  test('does nothing for folders, and for bytes that are not verified', () => {
    const { owner, hub } = scene;
    const [folder, entry] = [scene.folder('Stills'), scene.file('still.png')];
    hub.db.update(assets).set({ state: 'verifying' }).run();
    expect(makeEntryPreviews(owner, wanted(folder, entry))).toMatchObject([
      { id: folder, status: 'none' },
      { id: entry, status: 'none' },
    ]);
    expect(queued()).toEqual([]);
  });

  test('is limited for each person, and possible again when some are made', () => {
    const { hub, owner, pat, cora } = scene;
    const files = Array.from({ length: maxPreviewsWaiting + 1 }, (_, at) => ({
      assetId: scene.createAsset(String(at)),
      name: `${at}.png`,
    }));
    const ask = (person: typeof pat) => {
      for (let from = 0; from < files.length; from += maxPreviewsAtOnce) {
        const some = files.slice(from, from + maxPreviewsAtOnce);
        inTransaction(hub.db, (tx) => askForPreviews(tx, hub.ctx, some, { askedBy: person.id }));
      }
    };
    const waiting = () => hub.db.select().from(previewRuns).all().length;
    ask(pat);
    ask(pat);
    expect(waiting()).toBe(maxPreviewsWaiting);
    ask(cora);
    expect(waiting()).toBe(files.length);
    const last = scene.file('last.png');
    expect(makeEntryPreviews(owner, wanted(last))).toMatchObject([{ status: 'none' }]);
    hub.db.update(previewRuns).set({ endedAt: 1 }).run();
    expect(makeEntryPreviews(owner, wanted(last))).toMatchObject([{ status: 'waiting' }]);
  });

  test('keeps places for files that a person opens while thumbnails wait', () => {
    const { hub, owner, pat } = scene;
    for (let at = 0; at <= maxThumbnailsWaiting; at++) {
      const kept = [{ name: 'landed.png', ownerId: pat.id, sizeBytes: 5 }];
      const assetId = scene.createAsset(String(at));
      inTransaction(hub.db, (tx) => askForThumbnails(tx, hub.ctx, assetId, kept));
    }
    expect(hub.db.select().from(previewRuns).all()).toHaveLength(maxThumbnailsWaiting);
    expect(makeEntryPreviews(owner, wanted(scene.file('still.png')))).toMatchObject([{ status: 'waiting' }]);
  });

  test.each([
    ['no_preview', 'ended', 'ended'],
    ['needs_ffmpeg', 'none', 'waiting'],
    ['crashed', 'none', 'waiting'],
  ])('an hour after %s shows %s and leaves it %s', (reason, shown, status) => {
    const { hub, owner } = scene;
    const entry = scene.file('still.png');
    makeEntryPreviews(owner, wanted(entry));
    const job = claimed();
    endPreviews(hub.ctx, job, job.payload.assetIds[0]!, { reason, report: null, facts: null, previews: [] });
    endPreviewTurn(hub.ctx, job);
    expect(makeEntryPreviews(owner, wanted(entry))).toMatchObject([{ status: 'ended', reason }]);
    hub.clock.advance(3600_000);
    expect(viewEntryPreviews(owner, wanted(entry))).toMatchObject([{ status: shown }]);
    expect(makeEntryPreviews(owner, wanted(entry))).toMatchObject([{ status }]);
  });
});

describe('the end of a preview run', () => {
  test('shows the preview in the lists of the owner and of grantees, whose pages reload', () => {
    const { hub, owner, cora } = scene;
    const entry = scene.file('still.png');
    scene.share(entry, cora);
    makeEntryPreviews(owner, wanted(entry));
    const job = claimed();
    expect(waitingPreviews(hub.db, job)).toMatchObject([{ name: 'still.png' }]);
    hub.db.delete(events).run();
    endPreviews(hub.ctx, job, job.payload.assetIds[0]!, ended);
    endPreviewTurn(hub.ctx, job);
    const { entries } = listWorkspace(owner, {
      projectId: scene.project.id,
      folderId: null,
      order: { column: 'name', descending: false },
      filter: '',
      foldersOnly: false,
      offset: 0,
      limit: 10,
    });
    expect(entries).toMatchObject([{ previews: ['thumbnail'] }]);
    expect(scene.received(cora)).toMatchObject([{ previews: ['thumbnail'] }]);
    const woken = hub.db
      .select()
      .from(events)
      .all()
      .map(({ audienceId }) => audienceId);
    expect(new Set(woken)).toEqual(new Set([owner.person.id, cora.id]));
  });

  test('changes nothing when a second worker reports it', () => {
    const { hub, owner } = scene;
    const entry = scene.file('still.png');
    makeEntryPreviews(owner, wanted(entry));
    const job = claimed();
    const [assetId] = job.payload.assetIds;
    endPreviews(hub.ctx, job, assetId!, ended);
    endPreviews(hub.ctx, job, assetId!, { reason: 'crashed', report: null, facts: null, previews: [] });
    expect(viewEntryPreviews(owner, wanted(entry))).toMatchObject([{ status: 'ended', reason: null }]);
    expect(waitingPreviews(hub.db, job)).toEqual([]);
  });

  test('leaves the other files of the job to the next turn', () => {
    const { hub, owner } = scene;
    makeEntryPreviews(owner, wanted(scene.file('one.png'), scene.file('other.png')));
    for (const status of ['waiting', 'done']) {
      const job = claimed();
      endPreviews(hub.ctx, job, waitingPreviews(hub.db, job)[0]!.assetId, ended);
      endPreviewTurn(hub.ctx, job);
      expect(queued()).toMatchObject([{ status }]);
    }
  });

  test.each([
    ['took_too_long', 'took_too_long'],
    ['spawn /srv/hub/assets/1: ENOENT', 'crashed'],
  ])('comes when the job is given up: %s becomes %s', (error, reason) => {
    const { hub, owner } = scene;
    const entry = scene.file('still.png');
    makeEntryPreviews(owner, wanted(entry));
    const job = claimed();
    inTransaction(hub.db, (tx) => giveUpPreviews(tx, hub.ctx, job, error));
    expect(viewEntryPreviews(owner, wanted(entry))).toMatchObject([
      { status: 'ended', reason, previews: [] },
    ]);
  });

  test('does not mark the file as inspected: the report is for the player only', () => {
    const { hub, owner } = scene;
    const entry = scene.file('still.png');
    makeEntryPreviews(owner, wanted(entry));
    const job = claimed();
    const report = { reader: 'test', container: 'PNG', tracks: [], details: {} };
    endPreviews(hub.ctx, job, job.payload.assetIds[0]!, { ...ended, report });
    expect(viewEntryPreviews(owner, wanted(entry))).toMatchObject([{ report }]);
    expect(hub.db.select().from(previewRuns).where(eq(previewRuns.name, 'still.png')).get()?.report).toEqual(
      report,
    );
  });
});
