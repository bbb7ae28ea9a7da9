/** Uploads: each brings one file into a Workspace or a request. */
import { z } from 'zod';
import { checksumAlgorithmSchema, declaredChecksumSchema } from '../media/checksums.ts';
import { idSchema } from '../ids.ts';
import { nameSchema } from '../names/schemas.ts';
import { lineOfText } from '../names/lines.ts';

/** `verifying`: all bytes have arrived, the checksum is not known yet; `mismatch`: it differs from the declared one. */
export const uploadStatuses = ['uploading', 'verifying', 'complete', 'mismatch', 'discarded'] as const;
export type UploadStatus = (typeof uploadStatuses)[number];

/** What happens when the name is taken: the upload is refused (the default), replaces the file, or gets a free name such as `cut (2).mov`. */
const takenChoices = ['refuse', 'replace', 'keepBoth'] as const;
export type TakenChoice = (typeof takenChoices)[number];

export const beginUploadInput = z
  .object({
    projectId: idSchema('project'),
    /** A folder of the person's Workspace; null: its root. */
    folderId: idSchema('entry').nullish(),
    /** A request instead of the Workspace. */
    requestId: idSchema('request').nullish(),
    filename: nameSchema,
    /** The path within a dropped folder, ending with the file's name: `reel 1/a.dpx`. */
    relativePath: z.string().max(20_000).nullish(),
    sizeBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
    /** When the file was last modified, in epoch milliseconds. Recognises the file when it is chosen again. */
    modifiedAt: z.number().int().nullish(),
    checksum: declaredChecksumSchema.nullish(),
    /** In a Workspace, what is replaced stays as a version of the file. */
    ifTaken: z.enum(takenChoices).optional(),
    /** The same as `ifTaken: 'replace'`. */
    replace: z.boolean().default(false),
    /** In a request: the reason for overriding the overridable rules that this file breaks. */
    override: lineOfText(1000).nullish(),
  })
  .refine((input) => !(input.folderId && input.requestId), {
    error: 'An upload goes into a folder or into a request, not both.',
  });
export type BeginUploadInput = z.infer<typeof beginUploadInput>;

export function takenChoice({
  ifTaken,
  replace,
}: Pick<BeginUploadInput, 'ifTaken' | 'replace'>): TakenChoice {
  return ifTaken ?? (replace ? 'replace' : 'refuse');
}

export const begunUploadView = z.object({
  uploadId: z.string(),
  /** Where a tus PATCH sends the bytes; relative to the address of the hub. */
  uploadUrl: z.string(),
});

export const uploadIdInput = z.object({ uploadId: idSchema('upload') });
export const listUploadsInput = z.object({
  projectId: idSchema('project').nullish(),
  /** Lists everybody's uploads into this request; without it, the caller's own. */
  requestId: idSchema('request').nullish(),
});

export const uploadView = z.object({
  id: z.string(),
  uploadUrl: z.string(),
  projectId: z.string(),
  folderId: z.string().nullable(),
  requestId: z.string().nullable(),
  filename: z.string(),
  relativePath: z.string(),
  sizeBytes: z.number(),
  /** Bytes that are safely on disk and survive a crash. */
  durableBytes: z.number(),
  hashedBytes: z.number(),
  modifiedAt: z.number().nullable(),
  status: z.enum(uploadStatuses),
  /** When the reservation for its missing bytes ends; bytes that arrive extend it. Null or past: it continues only if there is space. */
  reservedUntil: z.number().nullable(),
  by: z.object({ id: z.string(), name: z.string() }),
  /** Only with status `mismatch`: the declared and the computed checksum. */
  mismatch: z
    .object({
      algorithm: checksumAlgorithmSchema,
      declared: z.string(),
      computed: z.string(),
    })
    .nullable(),
  createdAt: z.number(),
  updatedAt: z.number(),
});
export type UploadView = z.infer<typeof uploadView>;

/** What the hub has of an unfinished upload, to compare a file with it before its rest is sent. */
export const uploadFingerprintView = z.object({
  /** The durable bytes that `sampled` covers. */
  bytes: z.number(),
  /** The xxh128 of the samples of these bytes, one after the other. */
  sampled: z.string(),
  /** The xxh128 of every byte up to `bytes`, which may be fewer; null: none is hashed yet. */
  whole: z.object({ bytes: z.number(), xxh128: z.string() }).nullable(),
});
export type UploadFingerprintView = z.infer<typeof uploadFingerprintView>;

/** For owners of the hub. No names of files or folders: those are content. */
export const unfinishedView = z.object({
  id: z.string(),
  by: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  project: z.object({ id: z.string(), name: z.string() }),
  place: z.enum(['workspace', 'request']),
  sizeBytes: z.number(),
  sentBytes: z.number(),
  /** The bytes that it reserves now. */
  reservedBytes: z.number(),
  reservedUntil: z.number().nullable(),
  startedAt: z.number(),
  /** Null: no byte has arrived. */
  lastByteAt: z.number().nullable(),
});
export type UnfinishedView = z.infer<typeof unfinishedView>;

export const unfinishedListView = z.object({
  uploads: z.array(unfinishedView),
  /** Totals over all pages. */
  total: z.object({ uploads: z.number(), sentBytes: z.number(), reservedBytes: z.number() }),
  /** Bytes that are free on the disk and reserved by nobody. */
  availableBytes: z.number(),
});
export type UnfinishedListView = z.infer<typeof unfinishedListView>;

export const listUnfinishedInput = z.object({
  offset: z.number().int().min(0).max(1_000_000).default(0),
  limit: z.number().int().min(1).max(200).default(100),
});
export const discardUnfinishedInput = z.object({
  uploadIds: z.array(idSchema('upload')).min(1).max(200),
});
export const discardedView = z.object({
  /** How many were still unfinished and are now discarded. */
  discarded: z.number(),
});

export const uploadIdPattern = /^upl_[a-z2-7]{26}$/;

export function uploadUrlOf(uploadId: string): string {
  return `/uploads/${uploadId}`;
}
