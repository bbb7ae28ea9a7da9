/** Checks the external stages when a process starts, in a thread of their own. */
import { Worker } from 'node:worker_threads';
import type { OutsideStage } from '@turnover/domain/media/outside-stages';

type Answer = { stages: OutsideStage[] } | { problem: string };

const loadLimitMs = 30_000;

/** Returns the declarations of the stages. Throws a sentence that names the setting and the module. */
export async function inspectOutsideStages(
  modules: readonly string[],
  limitMs = loadLimitMs,
): Promise<OutsideStage[]> {
  if (modules.length === 0) return [];
  const answer = await askThread(modules, limitMs);
  if ('problem' in answer) throw new Error(`TURNOVER_STAGES: ${answer.problem}`);
  return answer.stages;
}

async function askThread(modules: readonly string[], limitMs: number): Promise<Answer> {
  const thread = new Worker(new URL('./inspect-thread.ts', import.meta.url), { workerData: modules });
  let timer: NodeJS.Timeout | undefined;
  try {
    return await new Promise<Answer>((resolve) => {
      const refuse = (problem: string) => resolve({ problem: `${modules.join(', ')}: ${problem}` });
      timer = setTimeout(() => refuse('loading did not end in time.'), limitMs);
      thread.once('message', resolve);
      thread.once('error', (error) => refuse(`loading failed: ${String(error)}`));
      thread.once('exit', () => refuse('loading ended its thread.'));
    });
  } finally {
    clearTimeout(timer);
    await thread.terminate();
  }
}
