/** Loads the modules once, and sends the declarations of their stages, or the problem. */
import { parentPort, workerData } from 'node:worker_threads';
import { loadOutsideStages, statedBy } from './load.ts';

try {
  const stages = await loadOutsideStages(workerData as string[]);
  parentPort!.postMessage({ stages: stages.map(statedBy) });
} catch (error) {
  parentPort!.postMessage({ problem: (error as Error).message });
}
