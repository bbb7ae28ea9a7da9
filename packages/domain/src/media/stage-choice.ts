/** Which stages run for the files of a request, and which of them hold a file: its type can leave some out, and let some only inform. */
import { z } from 'zod';
import { outsideStageName } from './outside-stages.ts';
import { isIndispensable } from './stage-control.ts';
import { stageNames, type StageName } from './stages.ts';
import { stageText } from './stage-words.ts';

/** A stage that only looks at what another one finds. */
const basedOn: Partial<Record<StageName, StageName>> = { rules: 'inspect' };

const canBeLeftOut = stageNames.filter((stage) => !isIndispensable(stage));

/** Sorted, so that the same choice is the same rules. */
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

/** Whether a stage runs for the files that it fits. */
export function isAsked(stage: string, leftOut: readonly string[]): boolean {
  const basis = basisOf(stage);
  return !leftOut.includes(stage) && (basis === undefined || !leftOut.includes(basis));
}

/** What was asked of a round when its processing began. */
export const roundStages = z.object({
  /** In the order in which they run. Each runs for the files that it fits. */
  asked: z.array(z.string()),
  /** Left out by the request's type. */
  leftOut: z.array(z.string()),
  /** Of those asked for, the ones that only inform when they fail. Absent in rounds from before types could choose. */
  informing: z.array(z.string()).optional(),
});
export type RoundStages = z.infer<typeof roundStages>;

/** `outside`: the names of the stages from outside that the hub has. */
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

/** A stage that a type can ask for or leave out, and those that always run. */
const stageChoiceView = z.object({
  stage: z.string(),
  /** False: it always runs. */
  optional: z.boolean(),
  /** The stage without which it does not run. */
  basis: z.string().nullable(),
  /** False: a stage from outside that the hub no longer has. */
  present: z.boolean(),
  /** The name of a stage from outside; null for Turnover's own, whose words are messages. */
  name: stageText.nullable(),
});
export type StageChoiceView = z.infer<typeof stageChoiceView>;
export const stageChoicesView = z.array(stageChoiceView);
