/** The health of the hub as its owners see it: what fills the disk, what the checks found, and how far they are. */
import { z } from 'zod';
import { damageWords, type DamageKind } from './damages.ts';

/** What the stored bytes are for. Each byte counts once. */
export const storageKinds = [
  'deliveries',
  'workspaces',
  'trash',
  'versions',
  'unused',
  'previews',
  'unfinished',
] as const;
export type StorageKind = (typeof storageKinds)[number];

/** The most damages and projects that the page lists. */
export const maxListedDamages = 100;
export const maxListedProjects = 50;

const damageKindSchema = z.enum(Object.keys(damageWords) as [DamageKind, ...DamageKind[]]);

export const damageView = z.object({
  kind: damageKindSchema,
  subject: z.string(),
  expected: z.string().nullable(),
  found: z.string().nullable(),
  foundAt: z.number(),
  /** The project of a delivered file. File and request are confidential: only members of the project get them. */
  delivered: z
    .object({
      project: z.object({ id: z.string(), name: z.string() }),
      file: z.object({ path: z.string(), requestId: z.string(), request: z.string() }).nullable(),
    })
    .nullable(),
  /** The owner of a file in a Workspace. */
  workspaceOf: z.string().nullable(),
});
export type DamageView = z.infer<typeof damageView>;

export const healthView = z.object({
  storage: z.object({
    kinds: z.record(z.enum(storageKinds), z.number()),
    /** The bytes that uploads may still fill. */
    freeBytes: z.number(),
    /** The largest first. `workspacesBytes` is the part that lies in Workspaces. */
    projects: z.array(
      z.object({ id: z.string(), name: z.string(), bytes: z.number(), workspacesBytes: z.number() }),
    ),
  }),
  /** The latest examination by the worker; null before the first. `endedAt` is null while it runs. */
  doctor: z
    .object({
      isAsked: z.boolean(),
      startedAt: z.number().nullable(),
      endedAt: z.number().nullable(),
      files: z.number().nullable(),
      bytes: z.number().nullable(),
    })
    .nullable(),
  /** The stored files, and those whose bytes were read again within `days`. Null when the scrubber is off. */
  scrubber: z
    .object({
      days: z.number(),
      files: z.number(),
      bytes: z.number(),
      readFiles: z.number(),
      readBytes: z.number(),
    })
    .nullable(),
  /** `byReading`: how many of all are damages that only reading finds. The list is limited. */
  damages: z.object({ total: z.number(), byReading: z.number(), listed: z.array(damageView) }),
});
export type HealthView = z.infer<typeof healthView>;
