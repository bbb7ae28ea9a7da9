/** The limits on the bytes that a project and each Workspace in it may store. */
import { z } from 'zod';
import { memberInput, projectIdInput } from '../people/projects.ts';

const maxBytesSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable();

/** From this fraction of a limit on, pages show how full it is. */
export const nearlyFull = 0.8;

export const limitSpaceInput = projectIdInput.extend({ maxBytes: maxBytesSchema });
/** Sets the limit for every Workspace without a limit of its own. */
export const limitWorkspacesInput = projectIdInput.extend({ maxBytes: maxBytesSchema });
export const limitMemberInput = memberInput.extend({ maxBytes: maxBytesSchema });

export const projectSpaceView = z.object({
  /** Stored and reserved bytes, including versions and trash. */
  usedBytes: z.number(),
  maxBytes: z.number().nullable(),
  maxWorkspaceBytes: z.number().nullable(),
});
export type ProjectSpaceView = z.infer<typeof projectSpaceView>;
