/** Simulated: takes a place in the queue of the deterministic model; the time itself is waited for by the job. */
import { laneOf, planEncode } from '@turnover/domain/media/encode-model';
import type { Stage } from '../stage.ts';

export const encode: Stage = async ({ mediaKind, sizeBytes, seed, now, lanes, simulationSpeed }) => ({
  kind: 'planned',
  ...planEncode({ mediaKind, sizeBytes, seed }, now, lanes[laneOf(mediaKind)], simulationSpeed),
});
