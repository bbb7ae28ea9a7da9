/** How many bytes a project and each Workspace in it may hold. */
import { z } from 'zod';
import { memberInput, projectIdInput } from '../people/projects.ts';

const maxBytesSchema = z.number().int().min(0).max(Number.MAX_SAFE_INTEGER).nullable();

/** From this part of a limit on, people are told how full it is. */
export const nearlyFull = 0.8;

export const limitSpaceInput = projectIdInput.extend({ maxBytes: maxBytesSchema });
/** For everybody without a limit of their own. */
export const limitWorkspacesInput = projectIdInput.extend({ maxBytes: maxBytesSchema });
export const limitMemberInput = memberInput.extend({ maxBytes: maxBytesSchema });

export const projectSpaceView = z.object({
  /** Stored and reserved bytes, with versions and trash. */
  usedBytes: z.number(),
  maxBytes: z.number().nullable(),
  maxWorkspaceBytes: z.number().nullable(),
});
export type ProjectSpaceView = z.infer<typeof projectSpaceView>;
