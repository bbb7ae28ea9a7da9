/** External stages (docs/stages.md): what a module declares about its stage, and what a run may return. */
import { z } from 'zod';
import { mediaKinds } from './media-kinds.ts';
import { maxProblemsPerStage, problemSeverities, type MediaProblem } from './media-problems.ts';
import {
  maxStageFacts,
  maxStageTextLength,
  plainLine,
  stageText,
  type StageRunWords,
} from './stage-words.ts';

/** Name of an external stage. The dot keeps it apart from the names of built-in stages. */
export const outsideStageName = z
  .string()
  .max(60)
  .regex(/^[a-z0-9-]+(\.[a-z0-9-]+)+$/, 'must be lower case and contain a dot, such as x-studio.loudness');
const code = z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,59}$/, 'must be a word of at most 60 letters');
const texts = boundedRecord(stageText).default({});

const hour = 3600_000;

/** The declaration of a stage without its functions, which stay in their thread. */
export const outsideStage = z.strictObject({
  name: outsideStageName,
  words: z.strictObject({ name: stageText, facts: texts }),
  failures: texts,
  skips: texts,
  timeLimitMs: z
    .int()
    .min(100)
    .max(24 * hour)
    .default(hour),
});
export type OutsideStage = z.infer<typeof outsideStage>;

/** The file that is passed to `appliesTo`. */
export const outsideFile = z.object({ name: z.string(), kind: z.enum(mediaKinds), sizeBytes: z.number() });
export type OutsideFile = z.infer<typeof outsideFile>;

const facts = boundedRecord(
  z.union([z.string().max(maxStageTextLength).transform(plainLine), z.number(), z.boolean()]),
);

/** A problem of the file, in the words of the stage. */
export const outsideFinding = z.object({
  severity: z.enum(problemSeverities),
  text: z.string().trim().min(1).max(maxStageTextLength).transform(plainLine),
  fromMs: z.number().nonnegative().optional(),
  toMs: z.number().nonnegative().optional(),
});
type OutsideFinding = z.infer<typeof outsideFinding>;

const maxOutsideFindings = 10_000;

export const outsideOutcome = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('done'),
    facts: facts.default({}),
    findings: z.array(outsideFinding).max(maxOutsideFindings).default([]),
  }),
  z.strictObject({ kind: z.literal('failed'), failure: code, facts: facts.default({}) }),
  z.strictObject({ kind: z.literal('skipped'), reason: code }),
]);
export type OutsideOutcome = z.infer<typeof outsideOutcome>;

/** Converts findings to problems: returns the first ones, and the number of all. */
export function problemsOf(findings: readonly OutsideFinding[]): {
  problems: MediaProblem[];
  problemCount: number;
} {
  const problems = findings.slice(0, maxProblemsPerStage).map(({ severity, text, fromMs, toMs }) => ({
    code: `external_${severity}` as const,
    measured: text,
    ...(fromMs !== undefined && { fromMs }),
    ...(toMs !== undefined && { toMs }),
  }));
  return { problems, problemCount: findings.length };
}

export function isOutsideStage(stage: string): boolean {
  return stage.includes('.');
}

type Run = { failure: string | null; skipReason: string | null; facts: Record<string, unknown> };

export function wordsOfRun({ words, failures, skips }: OutsideStage, run: Run): StageRunWords {
  const known = new Map(Object.entries(words.facts));
  const outcome =
    new Map(Object.entries(failures)).get(run.failure ?? '') ??
    new Map(Object.entries(skips)).get(run.skipReason ?? '') ??
    null;
  const labels = Object.keys(run.facts).flatMap((key) => {
    const label = known.get(key);
    return label ? [[key, label] as const] : [];
  });
  return { name: words.name, outcome, facts: Object.fromEntries(labels) };
}

function boundedRecord<Value extends z.ZodType>(value: Value) {
  return z
    .record(code, value)
    .refine(
      (record) => Object.keys(record).length <= maxStageFacts,
      `has more than ${maxStageFacts} entries`,
    );
}
