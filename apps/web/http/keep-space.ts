// Fills the database's disk reserve at the start, and again whenever the disk has space.
import type { Log } from '@turnover/core/context';
import type { SpaceReserve } from '@turnover/db/space-reserve';

const lookEveryMs = 5000;

export async function keepSpace(reserve: SpaceReserve, log: Log): Promise<{ stop(): void }> {
  let wasWhole = true;
  let isRunning = false;
  const look = async () => {
    if (isRunning) return;
    isRunning = true;
    try {
      const isWhole = await reserve.takeBack();
      if (isWhole !== wasWhole) log(isWhole ? 'info' : 'error', isWhole ? 'space.whole' : 'space.low');
      wasWhole = isWhole;
    } catch (error) {
      log('error', 'space.failed', { message: String(error) });
    } finally {
      isRunning = false;
    }
  };
  await look();
  const timer = setInterval(() => void look(), lookEveryMs).unref();
  return { stop: () => clearInterval(timer) };
}
