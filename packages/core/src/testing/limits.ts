/** Limits for tests and benchmarks that refuse nothing. */
import type { Limits } from '../context.ts';

export const roomyLimits: Limits = {
  maxUploadBytes: 2 ** 40,
  spaceReserveBytes: 0,
  personReserve: { percent: 100 },
  projectReserve: { percent: 100 },
  trashDays: 30,
  scrubDays: 30,
};
