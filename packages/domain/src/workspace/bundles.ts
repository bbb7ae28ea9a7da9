/** Bundles: many small files in one request, each with its own result. */
import { z } from 'zod';
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import { beginUploadInput } from './uploads.ts';

/** Larger files gain nothing from sharing a request. */
export const maxBundledFileBytes = 1024 * 1024;
export const maxBundleFiles = 256;
export const maxBundleBytes = 16 * 1024 * 1024;
/** The line before a file: its longest path, escaped, and the other fields. */
export const maxBundleHeadBytes = 128 * 1024;

/** What the line before each file says. */
export const bundledFileInput = beginUploadInput.safeExtend({
  /** The sender's name for this file. Sent again, the file is not stored twice. */
  key: z
    .string()
    .regex(/^[\w-]{16,64}$/)
    .nullish(),
  sizeBytes: z.number().int().min(0).max(maxBundledFileBytes),
});
export type BundledFileInput = z.infer<typeof bundledFileInput>;

/** The results, in the order of the files. */
export type BundleResult =
  | { received: true; uploadId: string }
  | { received: false; code: ErrorCode; message: string; details: ErrorDetails };
export type BundleAnswer = { files: BundleResult[] };

/** How much one bundle may hold. `bytes` counts the lines before the files too. */
export const bundleLimitsView = z.object({ files: z.number(), bytes: z.number(), fileBytes: z.number() });
export type BundleLimitsView = z.infer<typeof bundleLimitsView>;
export const bundleLimits: BundleLimitsView = {
  files: maxBundleFiles,
  bytes: maxBundleBytes,
  fileBytes: maxBundledFileBytes,
};
