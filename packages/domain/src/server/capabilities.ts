/** What the hub can do with media: the working stages, their tools, and the state of the queue. Visible to owners. */
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

/** The tools and stages that a worker finds when it starts. */
export const foundCapabilities = z.object({
  /** Version by tool; null when the tool is missing or unusable. */
  tools: z.record(z.enum(toolNames), z.string().max(60).nullable()),
  /** The names of its external stages. */
  outsideStages: z.array(z.string()),
  /** The number of stages that run at once in each lane. */
  slots: z.object({ short: z.number(), long: z.number() }),
});
export type FoundCapabilities = z.infer<typeof foundCapabilities>;

/** `partly`: some formats need a tool that is missing. `absent`: no worker has the stage. */
export const stageConditions = ['real', 'partly', 'simulated', 'absent'] as const;
export type StageCondition = (typeof stageConditions)[number];

/** The tools that a stage needs to do all of its work. */
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

/** `long`: work that takes as long as a film. `mail`: mails. `short`: everything else. */
export const queueLanes = ['short', 'long', 'mail'] as const;
export type QueueLane = (typeof queueLanes)[number];

export const maxListedDeadJobs = 50;

export const capabilitiesView = z.object({
  /** When a worker last started; null when none ever did. */
  foundAt: z.number().nullable(),
  tools: z.array(z.object({ name: z.enum(toolNames), version: z.string().nullable() })),
  stages: z.array(
    z.object({
      stage: z.string(),
      condition: z.enum(stageConditions),
      missing: z.array(z.enum(toolNames)),
      /** The name of an external stage; null for a built-in one. */
      name: stageText.nullable(),
    }),
  ),
  lanes: z.array(
    z.object({
      lane: z.enum(queueLanes),
      running: z.number(),
      /** Jobs that are due and have not begun. */
      waiting: z.number(),
      /** Jobs planned for later: simulations, and attempts after a failure. */
      later: z.number(),
      /** How many jobs may run at once; null when unknown. */
      slots: z.number().nullable(),
      /** When the first waiting job became due; null when none waits. */
      waitingSince: z.number().nullable(),
    }),
  ),
  /** Successfully completed jobs that ran stages of files. One job of frames covers all stages of several frames. */
  throughput: z.object({ lastHour: z.number(), lastDay: z.number() }),
  dead: z.object({
    total: z.number(),
    /** The latest jobs, without file names, which are confidential. */
    jobs: z.array(
      z.object({
        id: z.string(),
        kind: z.string(),
        stage: z.string().nullable(),
        project: z.string().nullable(),
        attempts: z.number(),
        endedAt: z.number().nullable(),
        /** Technical error message. */
        error: z.string().nullable(),
      }),
    ),
  }),
});
export type CapabilitiesView = z.infer<typeof capabilitiesView>;

export const deadJobInput = z.object({ jobId: idSchema('job') });
