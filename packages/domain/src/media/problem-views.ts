/** Views of the inspection of a file, and of the problems in the files of a round. */
import { z } from 'zod';
import { requestIdInput } from '../requests/requests.ts';
import { problemSeverities } from './media-problems.ts';
import { mediaReport } from './media-report.ts';
import { stageRunWords } from './stage-words.ts';

export const problemView = z.object({
  stage: z.string(),
  /** A code of `mediaProblemCodes`, or why the stage failed. */
  code: z.string(),
  severity: z.enum(problemSeverities),
  /** The reason that a redelivery would give; null when the sender is not responsible. */
  reason: z.string().nullable(),
  track: z.number().nullable(),
  fromMs: z.number().nullable(),
  toMs: z.number().nullable(),
  line: z.number().nullable(),
  measured: z.string().nullable(),
  wanted: z.string().nullable(),
  /** The name of an external stage, and why it failed. Absent for built-in stages, whose words are messages. */
  words: stageRunWords.pick({ name: true, outcome: true }).optional(),
});
export type ProblemView = z.infer<typeof problemView>;

export const inspectionView = z.object({
  /** Null while the file is not inspected. */
  report: mediaReport.nullable(),
  problems: z.array(problemView),
  /** The number of all problems; `problems` holds the first ones of each stage. */
  problemCount: z.number(),
});
export type InspectionView = z.infer<typeof inspectionView>;

export const maxListedProblems = 1000;

/** When `round` is undefined: the problems of the present files. */
export const listProblemsInput = requestIdInput.extend({ round: z.number().int().min(1).optional() });
export const problemListView = z.object({
  /** Sorted by path. The most serious ones of a file come first. */
  problems: z.array(problemView.extend({ file: z.object({ id: z.string(), path: z.string() }) })),
  total: z.number(),
  /** The number of files that have a problem. */
  files: z.number(),
});
export type ProblemListView = z.infer<typeof problemListView>;
