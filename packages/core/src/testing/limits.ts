/** Limits for tests and benchmarks that refuse nothing. */
import type { BackupSettings, Limits } from '../context.ts';

export const roomyLimits: Limits = {
  maxUploadBytes: 2 ** 40,
  spaceReserveBytes: 0,
  personReserve: { percent: 100 },
  projectReserve: { percent: 100 },
  trashDays: 30,
  scrubDays: 30,
};

/** For hubs of tests and benchmarks that make no backups. */
export const noBackups: BackupSettings = { folder: '', at: null, kept: 1 };
