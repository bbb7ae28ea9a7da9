/** The processing stages: their names, inputs and outcomes. */
import { z } from 'zod';
import { checksumAlgorithmSchema } from './checksums.ts';
import { layoutGroup, maxLayouts } from './frame-layout.ts';
import type { ReasonCode } from '../requests/reasons.ts';
import { mediaKinds, type MediaKind } from './media-kinds.ts';
import { maxProblemsPerStage, mediaProblem } from './media-problems.ts';
import { mediaReport } from './media-report.ts';
import { previewKind } from './previews.ts';
import { stageRunWords } from './stage-words.ts';
import { signalLimits } from './signal-limits.ts';
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

type StageReading = 'report' | 'wanted' | 'limits' | 'siblings' | 'layouts' | 'previews';
/**
 * What a stage reads from the database besides the file. Other stages read nothing, which saves queries in a round of
 * 75,000 frames.
 */
const readings: Partial<Record<StageName, readonly StageReading[]>> = {
  rules: ['report', 'wanted'],
  signal: ['report', 'limits'],
  text: ['wanted'],
  package: ['siblings', 'layouts'],
  preview: ['report', 'previews'],
};

export function stageReads(stage: string, what: StageReading): boolean {
  return isStageName(stage) && (readings[stage]?.includes(what) ?? false);
}

/** Returns true for a stage that compares a file with the rest of the delivery, so that every round repeats it. */
export function looksAtDelivery(stage: string): boolean {
  return stageReads(stage, 'siblings');
}

/** Stages that read the whole file. */
const readsWhole: readonly string[] = ['checksum', 'signal', 'preview'] satisfies StageName[];
/** Reading a file larger than this takes seconds on any disk. */
const longFileBytes = 2 * 1024 ** 3;

/** Returns true for work that takes long. It gets a slot of its own, so that no subtitle waits behind it. */
export function runsLong(
  stage: string,
  { kind, sizeBytes }: { kind: MediaKind; sizeBytes: number },
): boolean {
  const decodes = stage === 'preview' || stage === 'signal';
  if (decodes && (kind === 'picture' || kind === 'locked_cut')) return true;
  // An external stage may read the whole file, too.
  return sizeBytes > longFileBytes && (readsWhole.includes(stage) || !isStageName(stage));
}

const minuteMs = 60_000;
/** For stages that read only the head of a file. They take seconds, also on a slow disk. */
const headLimitMs = 2 * minuteMs;
/** Longer than the limits that a stage itself gives to programs, so that the stage can say what took so long. */
const wholeLimitMs = 30 * minuteMs;
const slowestBytesPerMs = 100;

/**
 * How long one attempt of a built-in stage may take, so that a file that hangs its stage does not hold the thread for a day. Null for
 * long work, which has only the limit of its job.
 */
export function stageLimitMs(
  stage: StageName,
  { mediaKind: kind, sizeBytes }: Pick<StageInput, 'mediaKind' | 'sizeBytes'>,
): number | null {
  if (runsLong(stage, { kind, sizeBytes })) return null;
  return readsWhole.includes(stage) ? wholeLimitMs + sizeBytes / slowestBytesPerMs : headLimitMs;
}

/** Returns true for a file that may be part of a sequence of up to 75,000 files. */
export function isOneOfMany(kind: MediaKind): boolean {
  return kind === 'frame';
}

/**
 * How much later than other files a frame is processed. A frame that has waited this long yields to nobody who came
 * later.
 */
export const frameStepsAsideMs = 10 * 60_000;

/** Returns true for a stage that needs only the file, so that one job can run it for many small files. */
export function runsTogether(stage: string): boolean {
  return isStageName(stage) && !stageReads(stage, 'siblings') && !stageReads(stage, 'previews');
}

export function isStageName(stage: string): stage is StageName {
  return (stageNames as readonly string[]).includes(stage);
}

/** Returns true for a stage that only simulates its work. */
export function isSimulated(stage: string): boolean {
  return stage === 'encode';
}

/** `simulated` exists so that a simulation is never shown as a check. */
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
  /** No preview can be made of this format. */
  'no_preview',
  /** A preview of this format needs ffmpeg, which the machine does not have. */
  'needs_ffmpeg',
  'preview_too_slow',
  /** ffmpeg is missing; only WAVE sound is measured without it. */
  'measuring_needs_ffmpeg',
  'measuring_too_slow',
  /** ffmpeg could not decode the file to its end. */
  'not_decoded',
  /** The disk is nearly full, or the preview exceeds its maximum size. */
  'no_space',
  /** A program needs more memory than its limit. */
  'no_memory',
  /** A coordinator skipped the stage; the run stores the reason. */
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
  /** A coordinator cancelled the stage. */
  'cancelled',
] as const;
export type StageFailure = (typeof stageFailures)[number];

/** The reason that a redelivery would give for a failure; null when the hub is at fault, not the sender. */
export const failureReasons: Record<StageFailure, ReasonCode | null> = {
  stored_bytes_differ: null,
  declared_checksum_differs: 'checksum_mismatch',
  bytes_missing: null,
  took_too_long: null,
  crashed: null,
  cancelled: null,
};

/** The most files of the delivery that a stage receives. */
export const maxSiblings = 5000;

/** The input of a stage: paths and facts. A stage returns JSON and never uses the database. */
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
  /**
   * The result of the stage `inspect`; null before it has run, for a file that is not inspected, and for a stage that
   * does not read it.
   */
  report: mediaReport.nullable(),
  /**
   * The media properties that the request's type asks for; null when there is no type or the stage does not read them.
   */
  wanted: mediaProperties.nullable(),
  /** What the request's type tolerates in picture and sound; null as in `wanted`. */
  limits: signalLimits.nullable(),
  /** The files of the same delivery; only for the stage `package`, and not for frames. */
  siblings: z.array(
    z.object({
      name: z.string(),
      sizeBytes: z.number(),
      /** Null when the value is unknown. */
      sha1: z.string().nullable(),
      /** The hub compares it as a checksum list, and shows what differs from it and what is missing. */
      isChecksumList: z.boolean(),
      /** The path of the stored bytes, for documents of an IMF package; null for all others. */
      path: z.string().nullable(),
    }),
  ),
  /** The layouts of the frames of the sequence, for the stage `package` of its last frame; null for all others. */
  layouts: z.array(layoutGroup).max(maxLayouts).nullable(),
  /**
   * The folder into which the stage `preview` writes its files, by kind, and their maximum size; null for all others.
   */
  previews: z.object({ folder: z.string(), maxBytes: z.number() }).nullable(),
  /** Seed that makes a simulation differ from file to file, but not from run to run. */
  seed: z.string(),
  simulationSpeed: z.number(),
  /** The epoch milliseconds at which each slot of each lane is next free, after everything planned so far. */
  lanes: z.object({ heavy: z.array(z.number()), light: z.array(z.number()) }),
  now: z.number(),
});
export type StageInput = z.infer<typeof stageInput>;

const facts = z.record(z.string(), z.union([z.string(), z.number(), z.boolean()]));

/** `planned`: the stage is a simulation that ends at `endAt`; its job continues then. */
export const stageOutcome = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('done'),
    facts,
    report: mediaReport.optional(),
    /** The first `maxProblemsPerStage`; `problemCount` counts all. */
    problems: z.array(mediaProblem).max(maxProblemsPerStage).default([]),
    problemCount: z.int().nonnegative().optional(),
    /** The kinds of previews that were written completely. */
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
/**
 * The outcomes of one stage for many files, in the order of the files; null where the stage itself broke, with its
 * error.
 */
export const stageBatchOutcome = z.array(
  z.object({ outcome: stageOutcome.nullable(), ms: z.number(), error: z.string().optional() }),
);
export type StageBatchOutcome = z.infer<typeof stageBatchOutcome>;
export type StageBatchReturn = z.input<typeof stageBatchOutcome>;
/** What a stage function returns: `problems` can be left out. */
export type StageReturn = z.input<typeof stageOutcome>;

export const stageView = z.object({
  /** One of `stageNames`, or the name of an external stage, which contains a dot. */
  stage: z.string(),
  mode: z.enum(stageModes),
  status: z.enum(stageStatuses),
  /** From 0 to 1, as last reported. For a simulation it is computed from the plan and the current time. */
  progress: z.number(),
  startAt: z.number().nullable(),
  /** The expected end while the stage runs or is planned, the actual end when it is done. */
  endAt: z.number().nullable(),
  /** The number of files before this one in its lane; null once it runs. */
  place: z.number().nullable(),
  /** One of `stageFailures`, or a code of an external stage; `skipReason` likewise. */
  failure: z.string().nullable(),
  skipReason: z.string().nullable(),
  /** True when the stage failed but only informs: later stages still run, and the file does not count as failed. */
  informs: z.boolean(),
  /** The reason that was given by the person who skipped the stage. */
  skipNote: z.string().nullable(),
  /** The attempt that runs or comes next; null until a first attempt has failed. */
  attempt: z
    .object({
      number: z.number(),
      of: z.number(),
      /** When the attempt begins; null while it runs. */
      at: z.number().nullable(),
    })
    .nullable(),
  facts,
  /** The number of problems that the stage found in the file. */
  problems: z.number(),
  /** Null for built-in stages, whose words are messages. */
  words: stageRunWords.nullable(),
});
export type StageView = z.infer<typeof stageView>;
