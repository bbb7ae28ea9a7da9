/** Answers at the hub's address while the hub is stopped, so that people and programs learn to wait. */
import { once } from 'node:events';
import { Worker } from 'node:worker_threads';
import type { Config } from '@turnover/config/config';

/** A thread of its own answers, because the restore blocks this one. Returns a function that frees the address. */
export async function serveMaintenancePage({
  host,
  port,
}: Pick<Config, 'host' | 'port'>): Promise<() => Promise<void>> {
  // A hub at any free port serves elsewhere after its start.
  if (port === 0) return async () => undefined;
  const thread = new Worker(new URL('./server.ts', import.meta.url), { workerData: { host, port } });
  // Without the page the restore goes on: an address that is taken must not prevent it.
  await Promise.race([once(thread, 'message'), once(thread, 'exit')]).catch(() => undefined);
  return async () => void (await thread.terminate());
}
