/** Which stages run for the files of a request, and which failed stages hold a file. Its type decides both. */
import { z } from 'zod';
import { outsideStageName } from './outside-stages.ts';
import { isIndispensable } from './stage-control.ts';
import { stageNames, type StageName } from './stages.ts';
import { stageText } from './stage-words.ts';

/** Stages that only evaluate the result of another stage, by that stage. */
const basedOn: Partial<Record<StageName, StageName>> = { rules: 'inspect' };

const canBeLeftOut = stageNames.filter((stage) => !isIndispensable(stage));

/** Names of stages, sorted so that equal choices compare as equal rules. */
const chosenStages = z
  .array(z.union([z.enum(canBeLeftOut), outsideStageName]))
  .max(64)
  .transform((stages): string[] => [...new Set<string>(stages)].sort());

/** The stages that a type leaves out. Those that it does not name run, also ones that are added to the hub later. */
export const leftOutStages = chosenStages;
/**
 * The stages that only inform when they fail: the later stages of the file run, and the file is not counted as failed. A failure of
 * any other stage holds the file.
 */
export const informingStages = chosenStages;

export function basisOf(stage: string): StageName | undefined {
  return new Map<string, StageName>(Object.entries(basedOn)).get(stage);
}

/** Returns true when the type does not leave the stage out. It then runs for every file that it fits. */
export function isAsked(stage: string, leftOut: readonly string[]): boolean {
  const basis = basisOf(stage);
  return !leftOut.includes(stage) && (basis === undefined || !leftOut.includes(basis));
}

/** The stages of a round, fixed when its processing began. */
export const roundStages = z.object({
  /** The stages in the order in which they run. Each one runs only for files that it fits. */
  asked: z.array(z.string()),
  /** The stages that the request's type leaves out. */
  leftOut: z.array(z.string()),
  /** Of those asked for, the ones that only inform when they fail. Absent in rounds from before types could choose. */
  informing: z.array(z.string()).optional(),
});
export type RoundStages = z.infer<typeof roundStages>;
/** With the type that judged the round: null for none, absent in rounds from before it was kept. */
export type StoredRoundStages = RoundStages & { type?: { id: string; version: number } | null };

/** Returns the stages of a new round. `outside`: the names of the external stages of the hub. */
export function roundStagesOf(
  outside: readonly string[],
  {
    asksOfMedia,
    leftOut,
    informing,
  }: { asksOfMedia: boolean; leftOut: readonly string[]; informing: readonly string[] },
): RoundStages {
  const there = [...stageNames, ...outside].filter((stage) => asksOfMedia || stage !== 'rules');
  const asked = there.filter((stage) => isAsked(stage, leftOut));
  return {
    asked,
    leftOut: there.filter((stage) => !asked.includes(stage)),
    informing: asked.filter((stage) => informing.includes(stage)),
  };
}

/** A stage that a type can ask for or leave out, or one that always runs. */
const stageChoiceView = z.object({
  stage: z.string(),
  /** False for a stage that always runs. */
  optional: z.boolean(),
  /** The stage without which this one does not run; null when it needs no other. */
  basis: z.string().nullable(),
  /** False for an external stage that the hub no longer has. */
  present: z.boolean(),
  /** The name of an external stage; null for a built-in stage, whose words are messages. */
  name: stageText.nullable(),
});
export type StageChoiceView = z.infer<typeof stageChoiceView>;
export const stageChoicesView = z.array(stageChoiceView);
