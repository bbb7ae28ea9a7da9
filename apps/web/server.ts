// The web process: the hub, the file transfers and the built pages behind one HTTP server.
import type { IncomingMessage } from 'node:http';
import { largestBodyBytes } from '@turnover/api/body-limits';
import type { Config } from '@turnover/config/config';
import { loadSettings } from '@turnover/config/load-settings';
import type { Log } from '@turnover/core/context';
import { armCrashpoint } from '@turnover/core/crashpoints';
import { isPassing, startFailure } from '@turnover/db/start-failure';
import type { WebMetrics, WebSources } from '@turnover/metrics/web';
import { Connections, defaultConnectionLimits } from './http/connections.ts';
import { isProxyOf } from './http/origin.ts';
import { createListener, pageHeaders, type PageHandler } from './http/listener.ts';
import { openHub } from './http/open-hub.ts';
import { close, listen, localAddress, onStop } from './http/serve.ts';

/** Exit code EX_CONFIG: a restart does not help, because a person must change something first. */
const refusedToStart = 78;
const startAgain = 1;
/** The supervisor carries out an ordered restore while the hub is stopped, and then starts it again. */
const isSupervised = process.argv.includes('--supervised');

async function start(): Promise<void> {
  const settings = loadSettings(process.env);
  const { config } = settings;
  if (config.crashAt) armCrashpoint(config.crashAt);
  const {
    hub,
    mounts,
    origin,
    untrustedProxies,
    metricSources,
    setupPath,
    close: closeHub,
  } = await openHub(settings, isSupervised ? pause : undefined);
  const pages = await loadPages();
  const metrics = await openMetrics(config, metricSources);
  const server = await listen(
    createListener({
      hub,
      mounts,
      pages,
      origin,
      onUntrustedProxy: (address) => untrustedProxies.note(address),
      onRequest: metrics?.onRequest,
      reportFailure: (error, request) => logFailure(hub.ctx.log, error, request),
    }),
    config.port,
    config.host,
    new Connections(defaultConnectionLimits, isProxyOf(origin)),
  );
  onStop(() => close(server, closeHub));
  const address = config.publicUrl ?? localAddress(server);
  console.log(`Turnover: ${address}`);
  if (setupPath) console.log(`Create the owner's account with this one-time link: ${address}${setupPath}`);
  process.send?.({ ready: localAddress(server), keepsLog: true });
}

function pause(): void {
  process.send?.({ pause: true });
}

/** Null when the metrics are switched off; then their library is not loaded either. */
async function openMetrics({ metricsAddress }: Config, sources: WebSources): Promise<WebMetrics | null> {
  if (!metricsAddress) return null;
  const { serveMetrics } = await import('@turnover/metrics/serve');
  const { webMetrics } = await import('@turnover/metrics/web');
  const metrics = webMetrics(sources);
  await serveMetrics(metricsAddress, metrics.text, sources.ctx.log);
  return metrics;
}

/** Imports the page handler. The adapter reads these environment variables when it is imported. */
async function loadPages(): Promise<PageHandler> {
  for (const [name, header] of Object.entries(pageHeaders)) process.env[`TURNOVER_HTTP_${name}`] = header;
  // The listener limits each body and passes it on as a whole.
  process.env.TURNOVER_HTTP_BODY_SIZE_LIMIT = String(largestBodyBytes);
  const built = new URL('./build/handler.js', import.meta.url).href;
  const { handler } = (await import(built)) as { handler: PageHandler };
  return handler;
}

function logFailure(log: Log, error: unknown, request: IncomingMessage): void {
  const stack = error instanceof Error ? error.stack : String(error);
  log('error', 'request.failed', { method: request.method, stack });
}

start().catch((error: unknown) => {
  console.error(startFailure(error));
  process.exit(isPassing(error) ? startAgain : refusedToStart);
});
