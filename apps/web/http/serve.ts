// The HTTP server's lifetime: listening, time-outs, and a shutdown within five seconds.
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Connections } from './connections.ts';

export const shutdownMs = 5_000;

export async function listen(
  listener: RequestListener,
  port: number,
  host: string,
  connections = new Connections(),
): Promise<Server> {
  const server = createServer(
    {
      headersTimeout: 15_000,
      // Node would end every upload after 300 s. The hub has its own guards for uploads and all other bodies.
      requestTimeout: 0,
      keepAliveTimeout: 30_000,
      connectionsCheckingInterval: 5_000,
    },
    listener,
  );
  connections.watch(server);
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, resolve);
  });
  return server;
}

/** Returns the address for a browser on this machine. */
export function localAddress(server: Server): string {
  const { address, port, family } = server.address() as AddressInfo;
  const isEverywhere = address === '0.0.0.0' || address === '::';
  const host = isEverywhere ? 'localhost' : family === 'IPv6' ? `[${address}]` : address;
  return `http://${host}:${port}`;
}

/** Accepts no new connections, lets `finish` end running requests, then cuts the rest. */
export async function close(server: Server, finish: () => Promise<void>): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const cut = setTimeout(() => server.closeAllConnections(), shutdownMs - 1_000);
  await finish();
  // Live streams never end on their own.
  server.closeAllConnections();
  await closed;
  clearTimeout(cut);
}

/** Runs `stop` once, on a signal or when the parent process has gone. */
export function onStop(stop: (reason: string) => Promise<void>): void {
  let stopping = false;
  const begin = (reason: string) => {
    if (stopping) return;
    stopping = true;
    setTimeout(() => process.exit(1), shutdownMs).unref();
    void stop(reason).then(
      () => process.exit(0),
      () => process.exit(1),
    );
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => begin(signal));
  process.on('disconnect', () => begin('disconnect'));
}
