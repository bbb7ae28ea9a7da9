/** Findings of a redelivery: a reason pinned to a file and a moment, what the partner answers, and the checklist of the next round. */
import { z } from 'zod';
import { personView } from './accounts.ts';
import { idSchema } from './ids.ts';
import { textSchema } from './names.ts';
import { reasonCodeSchema } from './reasons.ts';

/** What the partner says to a finding. */
export const pinAnswers = ['fixed', 'creative_intent', 'best_possible'] as const;
export type PinAnswer = (typeof pinAnswers)[number];

/** `01:02:03:04` (`;` before the frames: drop frame), or a time with milliseconds. */
export const timecodeSchema = z
  .string()
  .trim()
  .regex(/^\d{2}:[0-5]\d:[0-5]\d([:;]\d{2,3}|\.\d{1,3})?$/, {
    error: 'Write a timecode as HH:MM:SS:FF, or a time as HH:MM:SS.mmm.',
  });

/** A finding: one of the reasons, at a file or at the delivery as a whole, perhaps at a moment of it. */
export const pinInput = z
  .object({
    reason: reasonCodeSchema,
    fileId: idSchema('deliveredFile').nullable().default(null),
    timecodeIn: timecodeSchema.nullable().default(null),
    timecodeOut: timecodeSchema.nullable().default(null),
    note: textSchema(2000).default(''),
  })
  .refine(
    ({ timecodeIn, timecodeOut }) =>
      timecodeOut === null || (timecodeIn !== null && !isLater(timecodeIn, timecodeOut)),
    {
      error: 'The end comes after the beginning, and needs one.',
      path: ['timecodeOut'],
    },
  );
export type PinInput = z.infer<typeof pinInput>;
export const maxPins = 500;

export const pinView = z.object({
  id: z.string(),
  round: z.number(),
  reason: z.string(),
  /** Null: the delivery as a whole. The path is the one it had in that round; `nowId`: the file that stands for it now. */
  file: z.object({ id: z.string(), path: z.string(), nowId: z.string().nullable() }).nullable(),
  timecodeIn: z.string().nullable(),
  timecodeOut: z.string().nullable(),
  note: z.string(),
  by: personView,
  at: z.number(),
  answer: z
    .object({ is: z.enum(pinAnswers), comment: z.string(), by: personView, at: z.number() })
    .nullable(),
  checked: z.object({ by: personView, at: z.number() }).nullable(),
});
export type PinView = z.infer<typeof pinView>;

export const pinIdInput = z.object({ pinId: idSchema('pin') });
/** Null takes the answer back. */
export const answerPinInput = pinIdInput.extend({
  answer: z.enum(pinAnswers).nullable(),
  comment: textSchema(2000).default(''),
});
export const checkPinInput = pinIdInput.extend({ checked: z.boolean() });

/** Frames and parts of a second cannot be told apart without the frame rate: only like is compared with like. */
function isLater(one: string, other: string): boolean {
  const [seconds, otherSeconds] = [one.slice(0, 8), other.slice(0, 8)];
  if (seconds !== otherSeconds) return seconds > otherSeconds;
  const [rest, otherRest] = [one.slice(8), other.slice(8)];
  if (rest.startsWith('.') !== otherRest.startsWith('.')) return false;
  return rest.startsWith('.')
    ? Number(`0${rest}`) > Number(`0${otherRest}`)
    : Number(rest.slice(1)) > Number(otherRest.slice(1));
}
