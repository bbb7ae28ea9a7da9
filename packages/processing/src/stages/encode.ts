/** A simulated encode: takes a place in the model's queue. The job itself waits for the time. */
import { laneOf, planEncode } from '@turnover/domain/media/encode-model';
import type { Stage } from '../stage.ts';

export const encode: Stage = async ({ mediaKind, sizeBytes, seed, now, lanes, simulationSpeed }) => {
  if (sizeBytes === 0) return { kind: 'skipped', reason: 'empty_file' };
  const plan = planEncode([{ mediaKind, sizeBytes, seed }], now, lanes[laneOf(mediaKind)], simulationSpeed);
  return { kind: 'planned', ...plan };
};
