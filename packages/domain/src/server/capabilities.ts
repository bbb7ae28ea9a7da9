/** What the hub can do with media: which stages work, with which tools; and how its queue stands. Owners see it. */
import { z } from 'zod';
import { idSchema } from '../ids.ts';
import { isSimulated, stageNames, type StageName } from '../media/stages.ts';
import { stageText } from '../media/stage-words.ts';

/** Programs and libraries that stages use. */
export const toolNames = [
  'node',
  'mediainfo.js',
  'sharp',
  'hash-wasm',
  'xxhash-addon',
  'ffmpeg',
  'ffprobe',
  'prlimit',
] as const;
export type ToolName = (typeof toolNames)[number];

/** What a worker finds when it starts. */
export const foundCapabilities = z.object({
  /** By name; null: it is not there, or not usable. */
  tools: z.record(z.enum(toolNames), z.string().max(60).nullable()),
  /** The names of its stages from outside. */
  outsideStages: z.array(z.string()),
  /** How many stages run at once in each lane. */
  slots: z.object({ short: z.number(), long: z.number() }),
});
export type FoundCapabilities = z.infer<typeof foundCapabilities>;

/** `partly`: some formats need a tool that is missing. `absent`: no worker has it. */
export const stageConditions = ['real', 'partly', 'simulated', 'absent'] as const;
export type StageCondition = (typeof stageConditions)[number];

/** The tools without which a stage does not do all of its work. */
const needs: Partial<Record<StageName, readonly ToolName[]>> = { preview: ['ffmpeg'] };

export function conditionsOf(
  tools: FoundCapabilities['tools'],
): { stage: StageName; condition: StageCondition; missing: ToolName[] }[] {
  return stageNames.map((stage) => {
    const missing = (needs[stage] ?? []).filter((tool) => tools[tool] === null);
    if (isSimulated(stage)) return { stage, condition: 'simulated', missing };
    return { stage, condition: missing.length > 0 ? 'partly' : 'real', missing };
  });
}

/** `short`: everything but work as long as a film, and mails. */
export const queueLanes = ['short', 'long', 'mail'] as const;
export type QueueLane = (typeof queueLanes)[number];

export const maxListedDeadJobs = 50;

export const capabilitiesView = z.object({
  /** When a worker last started; null: none ever did. */
  foundAt: z.number().nullable(),
  tools: z.array(z.object({ name: z.enum(toolNames), version: z.string().nullable() })),
  stages: z.array(
    z.object({
      stage: z.string(),
      condition: z.enum(stageConditions),
      missing: z.array(z.enum(toolNames)),
      /** The name of a stage from outside; null for Turnover's own. */
      name: stageText.nullable(),
    }),
  ),
  lanes: z.array(
    z.object({
      lane: z.enum(queueLanes),
      running: z.number(),
      /** Due, and not begun. */
      waiting: z.number(),
      /** Planned for later: simulations, and attempts after a failure. */
      later: z.number(),
      /** How many may run at once; null: not known. */
      slots: z.number().nullable(),
      /** Since when the first of them waits. */
      waitingSince: z.number().nullable(),
    }),
  ),
  /** Jobs with stages of files that ended well. One job of frames has all stages of some frames. */
  throughput: z.object({ lastHour: z.number(), lastDay: z.number() }),
  dead: z.object({
    total: z.number(),
    /** The latest ones, without file names, which are confidential. */
    jobs: z.array(
      z.object({
        id: z.string(),
        kind: z.string(),
        stage: z.string().nullable(),
        project: z.string().nullable(),
        attempts: z.number(),
        endedAt: z.number().nullable(),
        /** In technical terms. */
        error: z.string().nullable(),
      }),
    ),
  }),
});
export type CapabilitiesView = z.infer<typeof capabilitiesView>;

export const deadJobInput = z.object({ jobId: idSchema('job') });
