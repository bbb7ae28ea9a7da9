/** Loads the modules once, and sends what their stages state, or the problem. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadOutsideStages } from './load.ts';

try {
  const stages = await loadOutsideStages(workerData as string[]);
  const stated = stages.map(({ name, words, failures, skips, timeLimitMs }) => {
    return { name, words, failures, skips, timeLimitMs };
  });
  parentPort!.postMessage({ stages: stated });
} catch (error) {
  parentPort!.postMessage({ problem: (error as Error).message });
}
