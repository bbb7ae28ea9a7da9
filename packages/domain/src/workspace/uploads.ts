/** Uploads: each brings one file into a Workspace or a request. */
import { z } from 'zod';
import { checksumAlgorithmSchema, declaredChecksumSchema } from '../media/checksums.ts';
import { idSchema } from '../ids.ts';
import { nameSchema } from '../names/schemas.ts';
import { lineOfText } from '../names/lines.ts';

/**
 * `verifying`: all bytes have arrived, but the checksum is not known yet. `mismatch`: the checksum differs from the
 * declared one.
 */
export const uploadStatuses = ['uploading', 'verifying', 'complete', 'mismatch', 'discarded'] as const;
export type UploadStatus = (typeof uploadStatuses)[number];

/**
 * What to do when the name is taken: refuse the upload (the default), replace the file, or choose a free name such as
 * `cut (2).mov`.
 */
const takenChoices = ['refuse', 'replace', 'keepBoth'] as const;
export type TakenChoice = (typeof takenChoices)[number];

export const beginUploadInput = z
  .object({
    projectId: idSchema('project'),
    /** A folder of the person's Workspace; null for its root. */
    folderId: idSchema('entry').nullish(),
    /** The request to upload to; null for the Workspace. */
    requestId: idSchema('request').nullish(),
    filename: nameSchema,
    /** The path within a dropped folder, ending with the file's name: `reel 1/a.dpx`. */
    relativePath: z.string().max(20_000).nullish(),
    sizeBytes: z.number().int().min(0).max(Number.MAX_SAFE_INTEGER),
    /**
     * When the file was last modified, in epoch milliseconds. It helps to recognise the file when the person chooses it
     * again.
     */
    modifiedAt: z.number().int().nullish(),
    checksum: declaredChecksumSchema.nullish(),
    /** In a Workspace, a replaced file stays as a version. */
    ifTaken: z.enum(takenChoices).optional(),
    /** Equivalent to `ifTaken: 'replace'`. */
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
  /** The URL for the tus PATCH requests, relative to the address of the hub. */
  uploadUrl: z.string(),
});

export const uploadIdInput = z.object({ uploadId: idSchema('upload') });
export const listUploadsInput = z.object({
  projectId: idSchema('project').nullish(),
  /** Lists everybody's uploads into this request; when undefined, the caller's own uploads. */
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
  /** Bytes that are flushed to disk and survive a crash. */
  durableBytes: z.number(),
  hashedBytes: z.number(),
  modifiedAt: z.number().nullable(),
  status: z.enum(uploadStatuses),
  /**
   * When the reservation for the missing bytes ends; each arriving byte extends it. When null or past, the upload
   * continues only if there is space.
   */
  reservedUntil: z.number().nullable(),
  by: z.object({ id: z.string(), name: z.string() }),
  /** The declared and the computed checksum; only when the status is `mismatch`. */
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

/**
 * Describes the bytes that the hub already has of an unfinished upload, so that a client can check that it resumes the
 * same file.
 */
export const uploadFingerprintView = z.object({
  /** The number of durable bytes that `sampled` covers. */
  bytes: z.number(),
  /** The xxh128 of the concatenated samples of these bytes. */
  sampled: z.string(),
  /** The xxh128 of all bytes up to `bytes`, which may be fewer than the durable ones; null when none are hashed yet. */
  whole: z.object({ bytes: z.number(), xxh128: z.string() }).nullable(),
});
export type UploadFingerprintView = z.infer<typeof uploadFingerprintView>;

/** An unfinished upload, for owners of the hub. Contains no names of files or folders, because those are content. */
export const unfinishedView = z.object({
  id: z.string(),
  by: z.object({ id: z.string(), name: z.string(), email: z.string() }),
  project: z.object({ id: z.string(), name: z.string() }),
  place: z.enum(['workspace', 'request']),
  sizeBytes: z.number(),
  sentBytes: z.number(),
  /** The bytes that the upload reserves now. */
  reservedBytes: z.number(),
  reservedUntil: z.number().nullable(),
  startedAt: z.number(),
  /** Null when no byte has arrived. */
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
  /** Number of uploads that were still unfinished and are now discarded. */
  discarded: z.number(),
});

export const uploadIdPattern = /^upl_[a-z2-7]{26}$/;

export function uploadUrlOf(uploadId: string): string {
  return `/uploads/${uploadId}`;
}
