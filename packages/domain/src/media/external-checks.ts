/**
 * External checks (docs/checks.md): a program or an HTTP service of the house that runs as a stage. Its findings become
 * problems of the file.
 */
import { z } from 'zod';
import { mediaKinds } from './media-kinds.ts';
import { outsideFinding, outsideStageName } from './outside-stages.ts';
import { maxStageFacts, maxStageTextLength, plainLine, stageText } from './stage-words.ts';

const second = 1000;
const extension = z.string().regex(/^[a-z0-9]{1,16}$/, 'must be lower case and without the dot');

const shared = {
  name: outsideStageName,
  label: stageText,
  /** The kinds of files to check; empty for every kind. */
  kinds: z.array(z.enum(mediaKinds)).max(mediaKinds.length).default([]),
  /** The extensions of files to check; empty for every extension. */
  extensions: z.array(extension).max(60).default([]),
  timeLimitSeconds: z
    .int()
    .min(1)
    .max(23 * 3600)
    .default(3600),
};

const programCheck = z.strictObject({
  ...shared,
  /** The program and its arguments. The path of the file is appended as the last argument. */
  command: z
    .array(
      z
        .string()
        .max(1000)
        .regex(/^[^\0]*$/, 'must not contain a zero byte'),
    )
    .min(1)
    .max(64)
    .refine(([program]) => program?.startsWith('/'), 'must begin with the absolute path of a program'),
  memoryMiB: z.int().min(16).max(1_048_576).default(2048),
});

const serviceCheck = z.strictObject({
  ...shared,
  /** Address to which the bytes of the file are sent as the body of a POST. */
  url: z.url({ protocol: /^https?$/ }).max(2000),
});

export const externalCheck = z.union([programCheck, serviceCheck], {
  error: 'must have a command, or a url, and only the fields that docs/checks.md names',
});
export type ExternalCheck = z.infer<typeof externalCheck>;
export const externalChecks = z.array(externalCheck).max(16);

export const maxAnswerBytes = 1024 ** 2;

/** The answer of a check. Text that is too long is cut, not refused, because other people may maintain the check. */
export const externalAnswer = z.object({
  findings: z
    .array(
      outsideFinding.extend({
        text: z.string().transform((text) => plainLine(text.trim()).slice(0, maxStageTextLength)),
      }),
    )
    .max(10_000)
    .default([]),
  facts: z
    .record(
      z.string().regex(/^[a-zA-Z][a-zA-Z0-9_]{0,59}$/),
      z.union([
        z.string().transform((text) => plainLine(text).slice(0, maxStageTextLength)),
        z.number(),
        z.boolean(),
      ]),
    )
    .refine((facts) => Object.keys(facts).length <= maxStageFacts)
    .default({}),
});

export const checkFailures = ['check_ended_badly', 'check_took_too_long', 'check_unreadable'] as const;
export type CheckFailure = (typeof checkFailures)[number];

export function checkTimeLimitMs({ timeLimitSeconds }: ExternalCheck): number {
  return timeLimitSeconds * second;
}
