// Composes the hub of this process: what the pages and the mounts work with.
import type { Config } from '@turnover/config/config';
import type { Hub } from '../src/lib/server/hub.ts';
import type { Mount } from './mounts.ts';

export type OpenHub = {
  hub: Hub;
  mounts: Mount[];
  /** Ends running requests with an answer that makes clients come back, then lets go of the database. */
  close(): Promise<void>;
};

export async function openHub(config: Config): Promise<OpenHub> {
  void config;
  return { hub: {}, mounts: [], close: async () => {} };
}
