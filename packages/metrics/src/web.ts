// The metrics of the web process: its requests and bytes, and the numbers about the whole hub.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Counter, Gauge, Histogram, type Registry } from 'prom-client';
import type { Context } from '@turnover/core/context';
import { readFigures } from '@turnover/core/server/figures';
import { hubGauges, type Parts } from './gauges.ts';
import { openRegistry } from './registry.ts';
import { endOf, routeOf } from './routes.ts';

/** Seconds. A page should take less than a quarter; a proxy gives up after a minute. */
const buckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 60];

export type WebSources = {
  ctx: Pick<Context, 'db' | 'clock' | 'log'>;
  /** Whether each part of the health is well. */
  parts(): Promise<Parts>;
  receivedBytes(): number;
  sentBytes(): number;
};

export type WebMetrics = {
  /** Call it once for each request, before it is answered. */
  onRequest(request: IncomingMessage, response: ServerResponse): void;
  text(): Promise<string>;
  /** Without the numbers about the whole hub. */
  registry: Registry;
};

export function webMetrics(sources: WebSources): WebMetrics {
  const registry = openRegistry('web');
  addByteCounters(registry, sources);
  const onRequest = requestMeter(registry);
  return {
    onRequest,
    registry,
    async text() {
      const [own, hub] = await Promise.all([registry.metrics(), hubText(sources)]);
      return own + hub;
    },
  };
}

/** Empty when the database cannot be read: the requests and the process are still worth knowing then. */
async function hubText({ ctx, parts }: WebSources): Promise<string> {
  try {
    return await hubGauges({ ...(await readFigures(ctx)), parts: await parts() }).metrics();
  } catch (error) {
    ctx.log('error', 'metrics.figuresFailed', { message: String(error) });
    return '';
  }
}

function addByteCounters(registry: Registry, { receivedBytes, sentBytes }: WebSources): void {
  const counter = (name: string, help: string, read: () => number) =>
    new Counter({
      name,
      help,
      registers: [registry],
      collect() {
        this.reset();
        this.inc(read());
      },
    });
  counter(
    'turnover_received_bytes_total',
    'Bytes of uploads that arrived, also those that were sent again',
    receivedBytes,
  );
  counter(
    'turnover_sent_bytes_total',
    'Bytes of downloads that were sent, without previews and without what a proxy sends itself',
    sentBytes,
  );
}

function requestMeter(registry: Registry): WebMetrics['onRequest'] {
  const running = new Gauge({
    name: 'turnover_http_requests_running',
    help: 'Requests that are being answered; for uploads, downloads and live streams as long as they last',
    labelNames: ['route'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'turnover_http_request_duration_seconds',
    help: 'How long requests took to their last byte, without live streams',
    labelNames: ['route', 'status'],
    buckets,
    registers: [registry],
  });
  return (request, response) => {
    const route = routeOf(request.url ?? '/');
    const startedAt = performance.now();
    running.inc({ route });
    response.once('close', () => {
      running.dec({ route });
      if (route === 'live') return;
      durations.observe({ route, status: endOf(response) }, (performance.now() - startedAt) / 1000);
    });
  };
}
