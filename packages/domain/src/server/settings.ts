/** The settings of the web process, as owners see them. Without values of secrets. */
import { z } from 'zod';

export const settingSources = ['default', 'environment', 'file', 'secretFile'] as const;
export type SettingSource = (typeof settingSources)[number];

export const settingView = z.object({
  /** The name of the variable. */
  name: z.string(),
  source: z.enum(settingSources),
  isSecret: z.boolean(),
  /** As it was written, or the default. Null when it is not set, and for secrets always. */
  text: z.string().nullable(),
});
export type SettingView = z.infer<typeof settingView>;
