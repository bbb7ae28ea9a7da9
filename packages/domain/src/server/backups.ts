/** Scheduled backups of the database: when they are due, and what owners see of them. */
import { z } from 'zod';
import { givenPasswordSchema } from '../people/accounts.ts';
import type { FaultReason } from '../requests/system-faults.ts';

/** A time of the day, by the time zone of the machine. */
export type TimeOfDay = { hours: number; minutes: number };

/** The last moment at or before `now` at which the time of the day was reached. */
export function latestTimeOfDay(now: number, time: TimeOfDay): number {
  const today = onDayOf(now, time, 0);
  return today <= now ? today : onDayOf(now, time, -1);
}

/** The first moment after `now` at which the time of the day is reached. */
export function nextTimeOfDay(now: number, time: TimeOfDay): number {
  const today = onDayOf(now, time, 0);
  return today > now ? today : onDayOf(now, time, 1);
}

/** On a day that skips the time, as when summer time begins, it is one hour later. */
function onDayOf(now: number, { hours, minutes }: TimeOfDay, days: number): number {
  const day = new Date(now);
  return new Date(day.getFullYear(), day.getMonth(), day.getDate() + days, hours, minutes).getTime();
}

/** Why a backup was not made. */
export const backupFailures = [
  'disk_full',
  /** The folder for backups is missing, or it is the mount point of a disk that is not mounted. */
  'not_mounted',
  'other_hub',
  'read_only',
  'denied',
  'disk_error',
  /** The database of the hub is damaged. */
  'damaged',
  /** The backup was written, but reading it back returned something else. */
  'not_read_back',
  'interrupted',
  'unknown',
] as const;
export type BackupFailure = (typeof backupFailures)[number];

/** The failure that a fault of the system causes. */
export const failureByFault: Record<FaultReason, BackupFailure> = {
  disk_full: 'disk_full',
  quota: 'disk_full',
  file_too_large: 'disk_full',
  too_many_open: 'unknown',
  memory: 'unknown',
  busy: 'unknown',
  read_only: 'read_only',
  denied: 'denied',
  disk_error: 'disk_error',
  damaged: 'damaged',
  not_there: 'not_mounted',
};

/** `update` and `restore`: copies that the hub made before an update or a restore. `other`: made by the command. */
export const backupCauses = ['schedule', 'person', 'update', 'restore', 'other'] as const;
export type BackupCause = (typeof backupCauses)[number];

/**
 * `made`: made, read back, and still there. `kept`: a file whose making this database has no record of. `removed`: made, and
 * removed since.
 */
export const backupStates = ['waiting', 'running', 'made', 'kept', 'removed', 'failed'] as const;
export type BackupState = (typeof backupStates)[number];

/** `interrupted`: the hub ended before the restore replaced the database. */
export const restoreStates = ['ordered', 'done', 'refused', 'interrupted'] as const;

export const maxListedBackups = 100;

export const backupsView = z.object({
  /** The time of the day of the scheduled backups, such as `02:00`; null when they are switched off. */
  dailyAt: z.string().nullable(),
  nextAt: z.number().nullable(),
  /** How many scheduled backups and backups made by hand are kept. */
  kept: z.number(),
  folder: z.string(),
  /** Why the folder cannot be read; null when it can. */
  folderProblem: z.enum(backupFailures).nullable(),
  /** Whether an owner can restore a backup here. Otherwise the hub was started without its supervisor. */
  canRestore: z.boolean(),
  /** The latest restore that this database knows of. */
  latestRestore: z
    .object({
      backup: z.string(),
      at: z.number(),
      /** The e-mail address of the owner; null for a restore by the command. */
      by: z.string().nullable(),
      state: z.enum(restoreStates),
      /** Why it was refused, in English, as the command says it. */
      reason: z.string().nullable(),
      /** The name of the restore point with the replaced database. */
      restorePoint: z.string().nullable(),
    })
    .nullable(),
  /** Newest first. */
  backups: z.array(
    z.object({
      name: z.string(),
      at: z.number(),
      cause: z.enum(backupCauses),
      state: z.enum(backupStates),
      sizeBytes: z.number().nullable(),
      durationMs: z.number().nullable(),
      /** How many stored files its manifest lists; null when unknown. */
      assets: z.number().nullable(),
      failure: z.enum(backupFailures).nullable(),
    }),
  ),
});
export type BackupsView = z.infer<typeof backupsView>;
export type BackupView = BackupsView['backups'][number];

export const restoreInput = z.object({
  /** The name of a listed backup. */
  backup: z.string().min(1).max(255),
  /** The owner's own password. */
  password: givenPasswordSchema,
  /** A code of the app, or a recovery code, of an owner with a second factor; otherwise empty. */
  code: z.string().max(60).default(''),
});

export const backUpNowView = z.object({
  /** False when a backup was already waiting or running. */
  isNew: z.boolean(),
});
