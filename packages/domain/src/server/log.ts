/** The log of the hub's processes, as owners read it: the newest lines of a few files of bounded size. */
import { z } from 'zod';
import { logLevels, logProcesses } from './log-words.ts';

/** What to look for. All conditions must hold. */
export const logFilterInput = z.object({
  process: z.enum(logProcesses).optional(),
  /** This level and those that are more urgent. Lines that are no entries have no level. */
  level: z.enum(logLevels).optional(),
  /** From this moment on. */
  from: z.number().int().min(0).max(8.64e15).optional(),
  /** Before this moment. */
  to: z.number().int().min(0).max(8.64e15).optional(),
  /** Part of a line, in any case. */
  text: z.string().trim().max(200).optional(),
});

export const listLogInput = logFilterInput.extend({
  /** The `next` of a page, for the lines before it. */
  before: z
    .string()
    .regex(/^[a-z0-9.~-]+$/)
    .max(200)
    .optional(),
  limit: z.number().int().min(1).max(200).default(100),
});
export type ListLogInput = z.infer<typeof listLogInput>;

export const logLineView = z.object({
  /** The same for the same line, as long as its file exists. */
  id: z.string(),
  process: z.enum(logProcesses),
  /** Null for a line that is no entry, such as half of one. */
  at: z.number().nullable(),
  level: z.enum(logLevels).nullable(),
  event: z.string().nullable(),
  /** The facts of an entry as `name=value`, or the whole line. */
  text: z.string(),
  stack: z.string().nullable(),
});
export type LogLineView = z.infer<typeof logLineView>;

export const logListView = z.object({
  /** Newest first. With a filter, a page may be short or empty although `next` leads to more. */
  lines: z.array(logLineView),
  /** The `before` of the next page; null when there are no older lines. */
  next: z.string().nullable(),
});
export type LogListView = z.infer<typeof logListView>;
