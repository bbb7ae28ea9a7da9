/**
 * The clock jumps ten years ahead and comes back while everything runs: nothing is deleted, files in transit arrive as
 * usual, and no row keeps a due time in the skipped years.
 */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { watchClock } from '@turnover/core/server/clock-return';
import { isClockTrusted, keepClock } from '@turnover/core/server/clock-trust';
import { claim } from '@turnover/core/jobs';
import { submitRequest } from '@turnover/core/requests/actions';
import { createSampleDelivery, type SampleFile } from '@turnover/core/testing/sample-delivery';
import { trashScene, type TrashScene } from '@turnover/core/testing/trash';
import { beginUpload } from '@turnover/core/uploads/uploads';
import { hub as hubTable } from '@turnover/db/schema/hub';
import { dayMs } from '@turnover/domain/days';
import { reservedForMs } from '@turnover/domain/workspace/upload-space';
import { openPool, type Pool } from './pool.ts';
import { endWhatIsOver } from './schedule.ts';
import { runnerOf, runToTheEnd, sampleFile } from './testing/worker.ts';

const tenYears = 3652 * dayMs;
let pool: Pool;
let files: SampleFile[];
beforeAll(async () => {
  pool = openPool(2);
  files = [await sampleFile('feature.mov', 'a picture'), await sampleFile('feature.wav', 'some sound')];
});
afterAll(() => pool.close());

let scene: TrashScene;
let monotonic: number;
let watch: ReturnType<typeof watchClock>;
let begun: number;
let kept: string;
beforeEach(async () => {
  scene = await trashScene();
  const { hub, project } = scene;
  begun = hub.clock.now;
  const row = { id: hub.ctx.newId('hub'), createdAt: begun };
  hub.db.insert(hubTable).values(row).run();
  hub.createPerson({ isOwner: true });
  // Ends after 30 days, like the trash and files removed from a request.
  run('update projects set launch_at = ?, retention_days = 30 where id = ?', begun, project.id);
  scene.addFile('kept.mov');
  scene.trash(scene.addFile('trashed.mov').id);
  const taken = scene.deliver(scene.createRequest(), 'taken out.wav');
  run('update delivered_files set removed_at = ? where id = ?', begun, taken);
  await beginUpload(scene.ctx, upload('on its way.mov'));
  monotonic = 0;
  watch = watchClock(hub.ctx, null, () => monotonic);
  await tick();
  kept = possessions();
});
afterEach(() => scene.close());

const run = (sql: string, ...values: (string | number)[]) => scene.hub.db.$client.prepare(sql).run(...values);
const rows = (sql: string) => scene.hub.db.$client.prepare(sql).all();
const upload = (filename: string) => ({
  projectId: scene.project.id,
  filename,
  sizeBytes: 1000,
  replace: false,
});

/** The data that people would miss if it were deleted. */
function possessions(): string {
  return JSON.stringify([
    rows('select id, name, deleted_at is null as here from entries order by id'),
    rows('select id, state, quarantined_at from assets order by id'),
    rows('select id, purged_at from delivered_files order by id'),
    rows('select id, status from uploads order by id'),
  ]);
}

/** One round of the worker's recurring tasks. */
async function tick(): Promise<void> {
  watch.look();
  keepClock(scene.hub.ctx);
  await endWhatIsOver(scene.hub.ctx);
}

async function jump(ms: number): Promise<void> {
  scene.hub.clock.advance(ms);
  monotonic += 5000;
  await tick();
}

/** Submits a delivery in another project, which is kept forever. */
function submit() {
  const { coordinator, request } = createSampleDelivery(scene.hub, files);
  kept = possessions();
  submitRequest(coordinator, request);
  return () => rows(`select status from requests where id = '${request.id}'`);
}
const processed = [{ status: 'processed' }];
const runNow = () => runnerOf(scene.hub.ctx, pool).runUntilIdle();

describe('a request reaches Processed within its day, and nothing is emptied', () => {
  test('when its stages ran while the clock jumped', async () => {
    const status = submit();
    await runNow();
    expect(status()).toEqual([{ status: 'processing' }]);
    expect(rows("select 1 from stage_runs where status = 'running'").length).toBeGreaterThan(0);
    await jump(tenYears);
    expect(isClockTrusted(scene.hub.ctx)).toBe(false);
    await jump(-tenYears);
    await arrives(status);
  });

  test('when its stages ended while the clock was wrong', async () => {
    const status = submit();
    await runNow();
    await jump(tenYears);
    await runNow();
    await jump(-tenYears);
    await arrives(status);
  });

  test('when its stages were planned while the clock was wrong', async () => {
    await jump(tenYears);
    const status = submit();
    await runNow();
    expect(status()).toEqual([{ status: 'processing' }]);
    await jump(-tenYears);
    await arrives(status);
  });

  test('when some stages were planned before the jump and others behind them in the same slots', async () => {
    const statuses = [submit()];
    await runNow();
    await jump(tenYears);
    statuses.push(submit());
    await runNow();
    await jump(-tenYears);
    statuses.push(submit());
    for (const status of statuses) await arrives(status);
  });

  test('when the worker that claimed the job died, and the next one starts after the clock is right again', async () => {
    await jump(tenYears);
    const status = submit();
    expect(claim(scene.hub.ctx)).not.toBeNull();
    scene.hub.clock.now = begun + 60_000;
    watch = watchClock(scene.hub.ctx, begun + tenYears, () => monotonic);
    await tick();
    await arrives(status);
  });
});

async function arrives(status: () => unknown): Promise<void> {
  const { hub } = scene;
  expect(isClockTrusted(hub.ctx)).toBe(true);
  await runToTheEnd(hub, pool);
  expect(status()).toEqual(processed);
  expect(hub.clock.now - begun).toBeLessThan(dayMs);
  await endWhatIsOver(hub.ctx);
  expect(possessions()).toBe(kept);
}

test('cleanup continues by the right clock: after 30 days, not earlier', async () => {
  await jump(tenYears);
  scene.trash(scene.addFile('trashed then.mov').id);
  await jump(-tenYears);
  const trashed = () => rows("select name from entries where name like 'trashed%'").length;
  for (let day = 0; day < 29; day++) await jump(dayMs);
  expect(trashed()).toBe(2);
  await jump(dayMs);
  expect(trashed()).toBe(0);
});

/** Columns about the past, which nothing waits for. Planned, reserved, leased and end times must not be listed here. */
const history =
  /^(events\.at|hub\.clock_distrusted_at|\w+\.(created|updated|published|read|finished|submitted|processed|added|compared|sent)_at|asset_checksums\.at)$/;

test('no due time stays in the skipped years', async () => {
  const { hub } = scene;
  await jump(tenYears);
  const status = submit();
  await runNow();
  scene.trash(scene.addFile('trashed then.mov').id);
  await beginUpload(scene.ctx, upload('begun then.mov'));
  run(
    `insert into manifest_comparisons (request_id, wanted, done, lists, algorithms, next_at)
      select id, 1, 0, 0, '[]', ? from requests`,
    hub.clock.now + 60_000,
  );
  await jump(-tenYears);
  const limit = begun + 400 * dayMs;
  const tables = rows("select name from sqlite_schema where type = 'table'") as { name: string }[];
  const late = tables.flatMap(({ name: table }) => {
    const columns = (rows(`pragma table_info("${table}")`) as { name: string }[]).map(({ name }) => name);
    // Nothing waits for jobs that have ended.
    const isOpen = columns.includes('status') ? "status not in ('done', 'failed', 'skipped')" : 'true';
    return columns
      .filter((name) => /(^|_)(at|until)$/.test(name) && !history.test(`${table}.${name}`))
      .filter((name) => rows(`select 1 from "${table}" where "${name}" > ${limit} and ${isOpen}`).length > 0)
      .map((name) => `${table}.${name}`);
  });
  expect(late).toEqual([]);
  const held = rows('select reserved_until as until from uploads') as { until: number }[];
  expect(held).toHaveLength(2);
  for (const { until } of held) expect(until - hub.clock.now).toBeLessThanOrEqual(reservedForMs);
  await runToTheEnd(hub, pool);
  expect(status()).toEqual(processed);
});
