/** For tests: which process has which crash points, and kills at random moments during several deliveries. */
import { setTimeout as wait } from 'node:timers/promises';
import type { Crashpoint } from '@turnover/core/crashpoints';
import { deliverAndAccept, type Ledger } from '../http/testing-story.ts';
import type { ProcessName, RunningHub } from '../http/testing.ts';

/** A delivery sends no mail, restores nothing, and its files are not small: other tests cover those crash points. */
export type DeliveryPoint = Exclude<Crashpoint, 'mail.afterSend' | `small.${string}` | `restore.${string}`>;

export const passedBy: Record<DeliveryPoint, ProcessName> = {
  'upload.afterSync': 'web',
  'upload.afterOffset': 'web',
  'finish.beforeCommit': 'web',
  'finish.afterCommit': 'web',
  'publish.beforeLink': 'worker',
  'publish.afterLink': 'worker',
  'publish.afterCommit': 'worker',
  'submit.afterCommit': 'web',
  'job.afterClaim': 'worker',
  'round.beforeCommit': 'worker',
  'stage.afterRun': 'worker',
  'stage.afterCommit': 'worker',
};

export const deliveryPoints = Object.keys(passedBy) as DeliveryPoint[];

export type KillPlan = {
  /** Returns numbers from 0 to 1: the same ones for the same seed. */
  random(): number;
  kills: number;
  tellers: number;
};

/** Runs deliveries one after another in each teller until the last kill, then finishes the running ones. */
export async function killAtRandom(
  running: RunningHub,
  { random, kills, tellers }: KillPlan,
): Promise<Ledger[]> {
  const ledgers: Ledger[] = [];
  let isOver = false;
  const tellOn = async (teller: number): Promise<void> => {
    for (let story = 1; !isOver; story++) {
      ledgers.push(await deliverAndAccept(running, `Story ${story} of teller ${teller}`));
    }
  };
  const killOn = async (): Promise<void> => {
    for (let kill = 0; kill < kills; kill++) {
      await wait(20 + random() * 600);
      await running.kill(random() < 0.5 ? 'web' : 'worker');
    }
    isOver = true;
  };
  await Promise.all([killOn(), ...Array.from({ length: tellers }, (_, teller) => tellOn(teller + 1))]);
  return ledgers;
}
