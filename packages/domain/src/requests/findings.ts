/** Findings of a redelivery: a reason at a file and a moment, the partner's answer, and the checklist of later rounds. */
import { z } from 'zod';
import { knownPersonView } from '../people/accounts.ts';
import { idSchema } from '../ids.ts';
import { textSchema } from '../names/schemas.ts';
import { findingAnswers } from './finding-answers.ts';
import { reasonCodeSchema } from './reasons.ts';
import {
  frameRates,
  readTimecode,
  readTimecodeOfSomeRate,
  type FrameRate,
  type Timecode,
  type TimecodeProblem,
} from '../media/timecodes.ts';

const writtenTimecode = z.string().trim().max(20);

/** A finding: one of the reasons, at a file or the delivery as a whole, optionally at a moment. */
export const findingInput = z
  .object({
    reason: reasonCodeSchema,
    fileId: idSchema('deliveredFile').nullable().default(null),
    /** Written as `docs/timecodes.md` describes. */
    timecodeIn: writtenTimecode.nullable().default(null),
    timecodeOut: writtenTimecode.nullable().default(null),
    /** Defaults to the frame rate that the request's type states, or else the one in the file's name. */
    frameRate: z.enum(frameRates).nullable().optional(),
    note: textSchema(2000).default(''),
  })
  .superRefine((finding, context) => {
    const { wrong } = readMoment(finding, finding.frameRate ?? null);
    if (wrong) context.addIssue({ code: 'custom', message: sentenceFor(wrong), path: [wrong.field] });
  });
export type FindingInput = z.infer<typeof findingInput>;
export const maxFindings = 500;
/** The most open findings of a request, over all rounds. */
export const maxOpenFindings = 1000;

export const findingView = z.object({
  id: z.string(),
  /** The round in which the finding was reported. */
  round: z.number(),
  reason: z.string(),
  /**
   * Null when the finding is about the delivery as a whole. `path` is the path in that round; `nowId` is the
   * corresponding present file.
   */
  file: z.object({ id: z.string(), path: z.string(), nowId: z.string().nullable() }).nullable(),
  timecodeIn: z.string().nullable(),
  timecodeOut: z.string().nullable(),
  /** The frame rate of the timecodes; null when it is unknown. */
  frameRate: z.enum(frameRates).nullable(),
  note: z.string(),
  by: knownPersonView,
  at: z.number(),
  answer: z
    .object({
      is: z.enum(findingAnswers),
      comment: z.string(),
      by: knownPersonView,
      at: z.number(),
      /** The round that contains, or will contain, the answer. */
      round: z.number(),
    })
    .nullable(),
  /** Who resolved the finding, and in which round; null while it is open and carries over to the next round. */
  checked: z.object({ by: knownPersonView, at: z.number(), round: z.number() }).nullable(),
});
export type FindingView = z.infer<typeof findingView>;

export const findingIdInput = z.object({ pinId: idSchema('pin') });
/** The answer; null removes the present one. */
export const answerFindingInput = findingIdInput.extend({
  answer: z.enum(findingAnswers).nullable(),
  comment: textSchema(2000).default(''),
});
export const checkFindingInput = findingIdInput.extend({ checked: z.boolean() });

type Field = 'timecodeIn' | 'timecodeOut';
export type Moment = Record<Field, string | null>;
/** `order`: the end is before the start, or the start is missing. */
export type WrongMoment = { field: Field; problem: TimecodeProblem | 'order'; nearest: string | null };

/** Returns the moment as it is stored, or its first problem. A null `rate` means that the frame rate is unknown. */
export function readMoment(
  { timecodeIn, timecodeOut }: Moment,
  rate: FrameRate | null,
): { moment: Moment; wrong: null } | { moment: null; wrong: WrongMoment } {
  const read = (text: string | null) =>
    text === null ? null : rate === null ? readTimecodeOfSomeRate(text) : readTimecode(text, rate);
  const [from, to] = [read(timecodeIn), read(timecodeOut)];
  const refused = (field: Field, wrong: Omit<WrongMoment, 'field'>) => ({
    moment: null,
    wrong: { field, problem: wrong.problem, nearest: wrong.nearest },
  });
  if (from && 'problem' in from) return refused('timecodeIn', from);
  if (to && 'problem' in to) return refused('timecodeOut', to);
  if (to && (!from || isBefore(to, from, rate))) {
    return refused('timecodeOut', { problem: 'order', nearest: from?.text ?? null });
  }
  return { moment: { timecodeIn: from?.text ?? null, timecodeOut: to?.text ?? null }, wrong: null };
}

/**
 * Returns true when one timecode is before the other. Without a rate, a frame number and a fraction of a second cannot
 * be compared, so only whole seconds count.
 */
function isBefore(to: Timecode, from: Timecode, rate: FrameRate | null): boolean {
  if (to.kind === from.kind && to.kind === 'time') return to.text < from.text;
  if (rate !== null) return to.frame < from.frame;
  const [end, start] = [to.text.slice(0, 8), from.text.slice(0, 8)];
  if (end !== start || to.kind !== from.kind) return end < start;
  return Number(to.text.slice(9)) < Number(from.text.slice(9));
}

const sentences: Record<WrongMoment['problem'], string> = {
  form: 'Write a timecode as HH:MM:SS:FF, or a time as HH:MM:SS.mmm.',
  hours: 'A day has 24 hours, from 00 to 23.',
  minutes: 'An hour has 60 minutes, from 00 to 59.',
  seconds: 'A minute has 60 seconds, from 00 to 59.',
  frames: 'There is no such frame at this frame rate.',
  dropped: 'Drop frame skips this number.',
  drop_mark: 'A semicolon means drop frame, but the frame rate is non-drop.',
  order: 'The end must come after the start, and needs a start.',
};

/** Returns an English sentence for programs and logs, with the nearest valid timecode. */
export function sentenceFor({ problem, nearest }: WrongMoment): string {
  return nearest === null ? sentences[problem] : `${sentences[problem]} Nearest: ${nearest}.`;
}
