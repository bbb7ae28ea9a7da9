/** Findings of a redelivery: a reason pinned to a file and a moment, what the partner answers, and the checklist of the next round. */
import { z } from 'zod';
import { personView } from '../people/accounts.ts';
import { idSchema } from '../ids.ts';
import { textSchema } from '../names/names.ts';
import { reasonCodeSchema } from './reasons.ts';
import {
  frameRates,
  readTimecode,
  readTimecodeOfSomeRate,
  type FrameRate,
  type Timecode,
  type TimecodeProblem,
} from '../media/timecodes.ts';

/** What the partner says to a finding. */
export const findingAnswers = ['fixed', 'creative_intent', 'best_possible'] as const;
export type FindingAnswer = (typeof findingAnswers)[number];

const writtenTimecode = z.string().trim().max(20);

/** A finding: one of the reasons, at a file or at the delivery as a whole, perhaps at a moment of it. */
export const findingInput = z
  .object({
    reason: reasonCodeSchema,
    fileId: idSchema('deliveredFile').nullable().default(null),
    /** As `docs/timecodes.md` has it. */
    timecodeIn: writtenTimecode.nullable().default(null),
    timecodeOut: writtenTimecode.nullable().default(null),
    /** Left out, that of the request's type or of the file's name, where one of them says it. */
    frameRate: z.enum(frameRates).nullable().optional(),
    note: textSchema(2000).default(''),
  })
  .superRefine((finding, context) => {
    const { wrong } = readMoment(finding, finding.frameRate ?? null);
    if (wrong) context.addIssue({ code: 'custom', message: sentenceFor(wrong), path: [wrong.field] });
  });
export type FindingInput = z.infer<typeof findingInput>;
export const maxFindings = 500;

export const findingView = z.object({
  id: z.string(),
  round: z.number(),
  reason: z.string(),
  /** Null: the delivery as a whole. The path is the one it had in that round; `nowId`: the file that stands for it now. */
  file: z.object({ id: z.string(), path: z.string(), nowId: z.string().nullable() }).nullable(),
  timecodeIn: z.string().nullable(),
  timecodeOut: z.string().nullable(),
  /** What the timecodes count by; null: nobody said it. */
  frameRate: z.enum(frameRates).nullable(),
  note: z.string(),
  by: personView,
  at: z.number(),
  answer: z
    .object({ is: z.enum(findingAnswers), comment: z.string(), by: personView, at: z.number() })
    .nullable(),
  checked: z.object({ by: personView, at: z.number() }).nullable(),
});
export type FindingView = z.infer<typeof findingView>;

export const findingIdInput = z.object({ pinId: idSchema('pin') });
/** Null takes the answer back. */
export const answerFindingInput = findingIdInput.extend({
  answer: z.enum(findingAnswers).nullable(),
  comment: textSchema(2000).default(''),
});
export const checkFindingInput = findingIdInput.extend({ checked: z.boolean() });

type Field = 'timecodeIn' | 'timecodeOut';
export type Moment = Record<Field, string | null>;
/** `order`: the end lies before the beginning, or there is none. */
export type WrongMoment = { field: Field; problem: TimecodeProblem | 'order'; nearest: string | null };

/** The moment as it is stored, or what is wrong with it; the rate is null where nobody knows it. */
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

/** Without a rate, frames and parts of a second cannot be compared, and only the seconds can. */
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
  frames: 'The rate has fewer frames in a second.',
  dropped: 'Drop frame leaves this number out.',
  drop_mark: 'A semicolon stands for drop frame, and the rate is non-drop.',
  order: 'The end comes after the beginning, and needs one.',
};

/** For programs and logs. */
export function sentenceFor({ problem, nearest }: WrongMoment): string {
  return nearest === null ? sentences[problem] : `${sentences[problem]} Nearest: ${nearest}.`;
}
