/** The stages of processing: their names, inputs and outcomes. */
import { z } from 'zod';
import { checksumAlgorithmSchema } from './checksums.ts';
import { layoutGroup, maxLayouts } from './frame-layout.ts';
import type { ReasonCode } from '../requests/reasons.ts';
import { mediaKinds, type MediaKind } from './media-kinds.ts';
import { maxProblemsPerStage, mediaProblem } from './media-problems.ts';
import { mediaReport } from './media-report.ts';
import { previewKind } from './previews.ts';
import { stageRunWords } from './stage-words.ts';
import { mediaProperties } from './wanted-media.ts';

export const stageNames = [
  'checksum',
  'inspect',
  'rules',
  'signal',
  'text',
  'package',
  'preview',
  'encode',
] as const;
export type StageName = (typeof stageNames)[number];

type StageReading = 'report' | 'wanted' | 'siblings' | 'layouts' | 'previews';
/** What a stage reads besides the file. The others get none of it, which saves a round of 75,000 frames its queries. */
const readings: Partial<Record<StageName, readonly StageReading[]>> = {
  rules: ['report', 'wanted'],
  signal: ['report'],
  text: ['wanted'],
  package: ['siblings', 'layouts'],
  preview: ['report', 'previews'],
};

export function stageReads(stage: string, what: StageReading): boolean {
  return isStageName(stage) && (readings[stage]?.includes(what) ?? false);
}

/** Compares a file with the rest of the delivery, so that every round repeats it. */
export function looksAtDelivery(stage: string): boolean {
  return stageReads(stage, 'siblings');
}

/** Reads the whole file. */
const readsWhole: readonly string[] = ['checksum', 'signal', 'preview'] satisfies StageName[];
/** Reading more than this takes seconds on any disk. */
const longFileBytes = 2 * 1024 ** 3;

/** Works for long, so that it gets a slot of its own and no subtitle waits behind it. */
export function runsLong(
  stage: string,
  { kind, sizeBytes }: { kind: MediaKind; sizeBytes: number },
): boolean {
  const decodes = stage === 'preview' || stage === 'signal';
  if (decodes && (kind === 'picture' || kind === 'locked_cut')) return true;
  // What a stage from outside does with the file is not known.
  return sizeBytes > longFileBytes && (readsWhole.includes(stage) || !isStageName(stage));
}

/** A file of a sequence, which may have 75,000 of them. */
export function isOneOfMany(kind: MediaKind): boolean {
  return kind === 'frame';
}

/** How much later than others a frame takes its turn. A frame that has waited this long waits for nobody who came later. */
export const frameStepsAsideMs = 10 * 60_000;

/** Needs nothing but the file, so that one job can run it for many small files. */
export function runsTogether(stage: string): boolean {
  return isStageName(stage) && !stageReads(stage, 'siblings') && !stageReads(stage, 'previews');
}

export function isStageName(stage: string): stage is StageName {
  return (stageNames as readonly string[]).includes(stage);
}

/** Whether the stage only plays what it would do. */
export function isSimulated(stage: string): boolean {
  return stage === 'encode';
}

/** A simulation must never be shown as a check. */
export const stageModes = ['real', 'simulated'] as const;
export type StageMode = (typeof stageModes)[number];

/** `skipped`: the stage found nothing to do with this file; it neither passed nor failed. */
export const stageStatuses = ['waiting', 'running', 'done', 'failed', 'skipped'] as const;
export type StageStatus = (typeof stageStatuses)[number];

/** Why a stage was skipped; the words for people are messages. */
export const stageSkipReasons = [
  'empty_file',
  'not_installed',
  'not_inspected',
  'not_measured',
  /** There is no preview of files of this format. */
  'no_preview',
  /** A preview of this format needs ffmpeg, which the machine does not have. */
  'needs_ffmpeg',
  'preview_too_slow',
  /** Picture, and sound other than WAVE, are measured by ffmpeg. */
  'measuring_needs_ffmpeg',
  'measuring_too_slow',
  /** ffmpeg cannot read it to its end. */
  'not_decoded',
  /** The disk is nearly full, or the preview larger than it may be. */
  'no_space',
  /** A program needs more memory than it may use. */
  'no_memory',
  /** A coordinator set it aside, for the reason that its run keeps. */
  'by_person',
] as const;
export type StageSkipReason = (typeof stageSkipReasons)[number];

/** Failures in technical terms; the words for people are messages. */
export const stageFailures = [
  'stored_bytes_differ',
  'declared_checksum_differs',
  'bytes_missing',
  'took_too_long',
  'crashed',
  /** A coordinator stopped it. */
  'cancelled',
] as const;
export type StageFailure = (typeof stageFailures)[number];

/** The reason that a redelivery would give for a failure; null: the failure is ours, not the sender's. */
export const failureReasons: Record<StageFailure, ReasonCode | null> = {
  stored_bytes_differ: null,
  declared_checksum_differs: 'checksum_mismatch',
  bytes_missing: null,
  took_too_long: null,
  crashed: null,
  cancelled: null,
};

/** A stage sees at most so many files of the delivery. */
export const maxSiblings = 5000;

/** A stage gets paths and facts and returns JSON. It never sees the database. */
export const stageInput = z.object({
  path: z.string(),
  sizeBytes: z.number(),
  name: z.string(),
  mediaKind: z.enum(mediaKinds),
  checksums: z.array(
    z.object({
      algorithm: checksumAlgorithmSchema,
      value: z.string(),
      source: z.enum(['computed', 'declared']),
    }),
  ),
  /** What the stage `inspect` found; null before it has run, for a file it does not inspect, and for a stage that does not read it. */
  report: mediaReport.nullable(),
  /** What the request's type asks of the media; null: it has no type, or the stage does not read it. */
  wanted: mediaProperties.nullable(),
  /** The files of the same delivery, for the stage `package` only, and not for frames. */
  siblings: z.array(
    z.object({
      name: z.string(),
      sizeBytes: z.number(),
      /** Null where it is not known. */
      sha1: z.string().nullable(),
      /** Where its bytes are, for documents of an IMF package; null for all others. */
      path: z.string().nullable(),
    }),
  ),
  /** What inspection found in the frames of the sequence, for the stage `package` of its last frame; null for all others. */
  layouts: z.array(layoutGroup).max(maxLayouts).nullable(),
  /** Where the stage `preview` leaves its files, by kind, and how large they may be; null for all others. */
  previews: z.object({ folder: z.string(), maxBytes: z.number() }).nullable(),
  /** Makes a simulation differ from file to file, but not from run to run. */
  seed: z.string(),
  simulationSpeed: z.number(),
  /** When each slot of each lane is next free, in epoch milliseconds, after everything planned so far. */
  lanes: z.object({ heavy: z.array(z.number()), light: z.array(z.number()) }),
  now: z.number(),
});
export type StageInput = z.infer<typeof stageInput>;

const facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** `planned`: the stage is a simulation that ends at `endAt`; the job continues then. */
export const stageOutcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('done'),
    facts,
    report: mediaReport.optional(),
    /** The first `maxProblemsPerStage`; `problemCount` counts all. */
    problems: z.array(mediaProblem).max(maxProblemsPerStage).default([]),
    problemCount: z.int().nonnegative().optional(),
    /** The files in the folder of previews that are whole. */
    previews: z.array(previewKind).optional(),
  }),
  z.object({
    kind: z.literal('failed'),
    failure: z.enum(stageFailures),
    facts,
  }),
  z.object({ kind: z.literal('skipped'), reason: z.enum(stageSkipReasons) }),
  z.object({
    kind: z.literal('planned'),
    lane: z.enum(['heavy', 'light']),
    slot: z.number(),
    startAt: z.number(),
    endAt: z.number(),
  }),
]);
export type StageOutcome = z.infer<typeof stageOutcome>;
/** The outcomes of one stage for many files, in their order; null where the stage itself broke, with its error. */
export const stageBatchOutcome = z.array(
  z.object({ outcome: stageOutcome.nullable(), ms: z.number(), error: z.string().optional() }),
);
export type StageBatchOutcome = z.infer<typeof stageBatchOutcome>;
export type StageBatchReturn = z.input<typeof stageBatchOutcome>;
/** What a stage returns: `problems` can be left out. */
export type StageReturn = z.input<typeof stageOutcome>;

export const stageView = z.object({
  /** One of `stageNames`, or the name of a stage from outside, which has a dot. */
  stage: z.string(),
  mode: z.enum(stageModes),
  status: z.enum(stageStatuses),
  /** From 0 to 1, as last reported. For a simulation the plan and the clock give it. */
  progress: z.number(),
  startAt: z.number().nullable(),
  /** Expected while running or planned, actual when done. */
  endAt: z.number().nullable(),
  /** The number of files before this one in its lane; null once it runs. */
  place: z.number().nullable(),
  /** One of `stageFailures`, or a code of a stage from outside; `skipReason` likewise. */
  failure: z.string().nullable(),
  skipReason: z.string().nullable(),
  /** It failed and only informs: the later stages run all the same, and the file does not count as failed. */
  informs: z.boolean(),
  /** The reason that the person gave who skipped the stage. */
  skipNote: z.string().nullable(),
  /** The attempt that runs or is next; null before the first one has failed. */
  attempt: z
    .object({
      number: z.number(),
      of: z.number(),
      /** When it begins; null while it runs. */
      at: z.number().nullable(),
    })
    .nullable(),
  facts,
  /** How many problems the stage found in the file. */
  problems: z.number(),
  /** Null for Turnover's own stages, whose words are messages. */
  words: stageRunWords.nullable(),
});
export type StageView = z.infer<typeof stageView>;
