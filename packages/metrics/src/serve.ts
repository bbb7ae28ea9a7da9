// `GET /metrics` on an address of its own, so that a proxy in front of the hub never publishes it.
import { createServer, type IncomingMessage, type Server } from 'node:http';
import { isIP, type AddressInfo } from 'node:net';
import type { Context } from '@turnover/core/context';

export type MetricsAddress = { host: string; port: number };

const contentType = 'text/plain; version=0.0.4; charset=utf-8';

export type MetricsServer = { port: number; close(): void };

/** Returns null when it cannot listen there: the hub serves people also when nobody measures it. */
export async function serveMetrics(
  { host, port }: MetricsAddress,
  text: () => Promise<string>,
  log: Context['log'],
): Promise<MetricsServer | null> {
  const server = createServer((request, response) => {
    if (!isAskedFor(request, host)) {
      response.writeHead(421, { 'content-length': 0 }).end();
      return;
    }
    if (request.url !== '/metrics' || request.method !== 'GET') {
      response.writeHead(404, { 'content-length': 0 }).end();
      return;
    }
    text().then(
      (body) =>
        response.writeHead(200, { 'content-type': contentType, 'cache-control': 'no-store' }).end(body),
      (error: unknown) => {
        log('error', 'metrics.failed', { message: String(error) });
        response.writeHead(500, { 'content-length': 0 }).end();
      },
    );
  });
  try {
    await listen(server, host, port);
  } catch (error) {
    log('error', 'metrics.notServed', { host, port, message: (error as Error).message });
    return null;
  }
  const bound = (server.address() as AddressInfo).port;
  log('info', 'metrics.served', { host, port: bound });
  return {
    port: bound,
    close() {
      server.close();
      server.closeAllConnections();
    },
  };
}

/**
 * Whether the request names this server by its own name, by `localhost` or by an address in numbers. A web page can let any other
 * name lead to this address (DNS rebinding) and would read the answer as its own.
 */
function isAskedFor({ headers }: IncomingMessage, listenedOn: string): boolean {
  const asked = (headers.host ?? '').toLowerCase().replace(/:\d+$/, '');
  if (asked === 'localhost' || asked === listenedOn.toLowerCase()) return true;
  return isIP(asked.replace(/^\[(.*)\]$/, '$1')) !== 0;
}

function listen(server: Server, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
}
