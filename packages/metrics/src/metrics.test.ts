import { spawnSync } from 'node:child_process';
import { EventEmitter, once } from 'node:events';
import { readFileSync } from 'node:fs';
import { get, type IncomingMessage, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { enqueue } from '@turnover/core/jobs';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { inTransaction } from '@turnover/db/transaction';
import { serveMetrics, type MetricsServer } from './serve.ts';
import { webMetrics, type WebMetrics } from './web.ts';
import { workerMetrics } from './worker.ts';

const deploy = join(import.meta.dirname, '../../../deploy');
/** `npm test` installs it where it may. */
const promtool = process.env.TURNOVER_TEST_PROMTOOL;

let hub: TestHub;
let web: WebMetrics;
let sent: number;
beforeEach(async () => {
  hub = await testHub({ onDisk: true });
  sent = 0;
  web = webMetrics({
    ctx: hub.ctx,
    parts: async () => ({ database: true, worker: false }),
    receivedBytes: () => 5000,
    sentBytes: () => sent,
  });
});
afterEach(() => hub.close());

/** The lines of a metric. */
async function linesOf(name: string): Promise<string[]> {
  const text = await web.text();
  return text.split('\n').filter((line) => line.startsWith(`${name}{`));
}

function request(url: string) {
  const response = Object.assign(new EventEmitter(), { statusCode: 200, writableFinished: true });
  web.onRequest({ url } as IncomingMessage, response as unknown as ServerResponse);
  return response;
}

test('states the bytes as they are at each scrape', async () => {
  expect(await linesOf('turnover_sent_bytes_total')).toEqual(['turnover_sent_bytes_total{process="web"} 0']);
  sent = 70;
  expect(await linesOf('turnover_sent_bytes_total')).toEqual(['turnover_sent_bytes_total{process="web"} 70']);
  expect(await linesOf('turnover_received_bytes_total')).toEqual([
    'turnover_received_bytes_total{process="web"} 5000',
  ]);
});

test('states the parts of the health', async () => {
  expect(await linesOf('turnover_part_well')).toEqual([
    'turnover_part_well{part="database",process="web"} 1',
    'turnover_part_well{part="worker",process="web"} 0',
  ]);
});

test('states how many jobs wait in each lane, and how long the oldest has', async () => {
  inTransaction(hub.db, (tx) => enqueue(tx, hub.ctx, 'sendMails', { email: 'ana@example.test' }));
  hub.clock.advance(90_000);
  expect(await linesOf('turnover_jobs')).toContain(
    'turnover_jobs{lane="mail",state="waiting",process="web"} 1',
  );
  expect(await linesOf('turnover_oldest_job_age_seconds')).toEqual([
    'turnover_oldest_job_age_seconds{lane="short",process="web"} 0',
    'turnover_oldest_job_age_seconds{lane="long",process="web"} 0',
    'turnover_oldest_job_age_seconds{lane="mail",process="web"} 90',
  ]);
});

test('counts requests by route and end, and live streams only while they last', async () => {
  const page = request('/');
  const upload = request('/uploads/upl_1');
  const stream = request('/api/trpc/live.stream');
  expect(await linesOf('turnover_http_requests_running')).toEqual([
    'turnover_http_requests_running{route="page",process="web"} 1',
    'turnover_http_requests_running{route="upload",process="web"} 1',
    'turnover_http_requests_running{route="live",process="web"} 1',
  ]);
  page.emit('close');
  upload.writableFinished = false;
  upload.emit('close');
  stream.emit('close');
  const counted = await linesOf('turnover_http_request_duration_seconds_count');
  expect(counted).toEqual([
    'turnover_http_request_duration_seconds_count{process="web",route="page",status="2xx"} 1',
    'turnover_http_request_duration_seconds_count{process="web",route="upload",status="cut"} 1',
  ]);
  expect(await linesOf('turnover_http_requests_running')).toContain(
    'turnover_http_requests_running{route="live",process="web"} 0',
  );
});

test('still states requests and the process when the database cannot be read', async () => {
  hub.db.$client.close();
  const text = await web.text();
  expect(text).toContain('turnover_received_bytes_total');
  expect(text).not.toContain('turnover_backup_age_seconds');
  expect(hub.logged).toContainEqual(expect.objectContaining({ event: 'metrics.figuresFailed' }));
});

test('the worker counts attempts at jobs and checked files, from zero on', async () => {
  const worker = workerMetrics();
  worker.onJobEnded('runStage', 'dead');
  worker.onVerified('mismatch');
  const text = await worker.text();
  expect(text).toContain('turnover_job_attempts_total{kind="runStage",outcome="dead",process="worker"} 1');
  expect(text).toContain('turnover_job_attempts_total{kind="runStage",outcome="done",process="worker"} 0');
  expect(text).toContain('turnover_verified_files_total{result="mismatch",process="worker"} 1');
});

describe('serveMetrics', () => {
  let server: MetricsServer | null = null;
  afterEach(() => server?.close());
  const here = { host: '127.0.0.1', port: 0 };

  test('answers GET /metrics and nothing else', async () => {
    server = await serveMetrics(here, web.text, hub.ctx.log);
    const at = `http://127.0.0.1:${server!.port}`;
    const answer = await fetch(`${at}/metrics`);
    expect(answer.headers.get('content-type')).toBe('text/plain; version=0.0.4; charset=utf-8');
    expect(await answer.text()).toContain('turnover_uploads{');
    expect((await fetch(`${at}/`)).status).toBe(404);
    expect((await fetch(`${at}/metrics`, { method: 'POST' })).status).toBe(404);
  });

  async function statusFor(host: string): Promise<number | undefined> {
    const asking = get({ ...here, port: server!.port, path: '/metrics', headers: { host } });
    const [answer] = (await once(asking, 'response')) as [IncomingMessage];
    answer.resume();
    return answer.statusCode;
  }

  test.each(['evil.example', 'evil.example:9464', '127.0.0.1.evil.example:9464'])(
    'gives nothing to a web page whose name "%s" leads here',
    async (host) => {
      server = await serveMetrics(here, web.text, hub.ctx.log);
      expect(await statusFor(host)).toBe(421);
    },
  );

  test.each(['127.0.0.1', '127.0.0.1:9464', '10.0.0.5:9464', '[::1]:9464', 'localhost:9464'])(
    'answers who asks for %s',
    async (host) => {
      server = await serveMetrics(here, web.text, hub.ctx.log);
      expect(await statusFor(host)).toBe(200);
    },
  );

  test('answers to the name that it listens on', async () => {
    // Systems look it up like a name, and know it everywhere.
    server = await serveMetrics({ ...here, host: '127.1' }, web.text, hub.ctx.log);
    expect(await statusFor('127.1:9464')).toBe(200);
  });

  test('logs that the port is taken, and the hub goes on', async () => {
    server = await serveMetrics(here, web.text, hub.ctx.log);
    expect(await serveMetrics({ ...here, port: server!.port }, web.text, hub.ctx.log)).toBeNull();
    expect(hub.logged).toContainEqual(expect.objectContaining({ event: 'metrics.notServed' }));
  });
});

describe('deploy/', () => {
  async function allText(): Promise<string> {
    request('/').emit('close');
    return (await web.text()) + (await workerMetrics().text());
  }

  /** The names of all series, such as those of the buckets of a histogram. */
  async function seriesNames(): Promise<Set<string>> {
    const lines = (await allText()).split('\n');
    return new Set(lines.flatMap((line) => /^([a-z_]\w*)[{ ]/.exec(line)?.[1] ?? []));
  }

  const namesIn = (text: string) => text.match(/\b(turnover|nodejs|process)_[a-z0-9_]+/g) ?? [];

  test.each([
    'grafana/turnover.json',
    'prometheus/turnover-alerts.yml',
    'prometheus/turnover-alerts.test.yml',
  ])('%s names only metrics that exist', async (file) => {
    const known = await seriesNames();
    const named = namesIn(readFileSync(join(deploy, file), 'utf8'));
    expect(named.length).toBeGreaterThan(3);
    expect(named.filter((name) => !known.has(name))).toEqual([]);
  });

  test('the dashboard shows each of our metrics', async () => {
    const dashboard = JSON.parse(readFileSync(join(deploy, 'grafana/turnover.json'), 'utf8')) as {
      panels: { id: number; targets: { expr: string }[] }[];
    };
    const shown = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => namesIn(expr)));
    const ours = [...(await seriesNames())].filter((name) => name.startsWith('turnover_'));
    const whole = (name: string) => name.replace(/_(bucket|sum|count)$/, '');
    const missing = ours.filter((name) => !shown.map(whole).includes(whole(name)));
    expect(missing).toEqual([]);
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
  });

  /** Expects promtool to accept it without a word of complaint. */
  function accepts(args: string[], input = ''): void {
    const { status, stdout, stderr } = spawnSync(promtool!, args, { input, encoding: 'utf8' });
    expect({ status, said: stderr + (status === 0 ? '' : stdout) }).toEqual({ status: 0, said: '' });
  }

  describe.skipIf(!promtool)('promtool accepts', () => {
    test('the metrics of the web process', async () => {
      request('/').emit('close');
      accepts(['check', 'metrics'], await web.text());
    });
    test('the metrics of the worker', async () =>
      accepts(['check', 'metrics'], await workerMetrics().text()));
    test('the alert rules', () =>
      accepts(['check', 'rules', join(deploy, 'prometheus/turnover-alerts.yml')]));
    test('the example of a configuration', () =>
      accepts(['check', 'config', join(deploy, 'prometheus/prometheus.yml')]));
    test('what the rules fire at', () =>
      accepts(['test', 'rules', join(deploy, 'prometheus/turnover-alerts.test.yml')]));
  });
});
