/** Request types: the demands of a kind of request, as rules that browser and server share. */
import { z } from 'zod';
import { revisionView, seenRevision } from '../revisions.ts';
import { idSchema } from '../ids.ts';
import { mediaKinds } from '../media/media-kinds.ts';
import { informingStages, leftOutStages } from '../media/stage-choice.ts';
import { noLimits, signalLimits } from '../media/signal-limits.ts';
import { mediaProperties } from '../media/wanted-media.ts';
import { compileNamePattern } from './name-patterns.ts';
import { textSchema } from '../names/schemas.ts';
import { lineOfText } from '../names/lines.ts';
import { projectIdInput } from '../people/projects.ts';
import { preFlightRules, type PreFlightRule } from './rule-codes.ts';

/** Rules that no type can make overridable: the hub never accepts what they refuse. */
export const neverOverridable = [
  'name_invalid',
  'name_duplicate',
  'path_too_long',
  'no_space',
  'system_file',
] as const;
/** Rules that only point something out, in every type. They never stop a delivery. */
export const notedRules = ['unfinished_file', 'hidden_characters', 'look_alike'] as const;
const notForTypes: readonly string[] = [...neverOverridable, ...notedRules];
export const overridableRules = preFlightRules.filter((rule) => !notForTypes.includes(rule)) as Exclude<
  PreFlightRule,
  (typeof neverOverridable | typeof notedRules)[number]
>[];

/**
 * Rules that are overridable in every type: a step of two frames, two ranges, or a frame that could not be rendered may
 * be intended, which only people can know.
 */
export const alwaysOverridable = ['sequence_gap', 'frame_duplicate'] as const satisfies PreFlightRule[];

/** Returns the rules that can be overridden with a reason. Null means a request without a type. */
export function overridableIn(rules: Pick<RequestRules, 'overridable'> | null): Set<PreFlightRule> {
  const { overridable } = rules ?? { overridable: [] };
  return new Set([...overridableRules.filter((rule) => overridable.includes(rule)), ...alwaysOverridable]);
}

const namePattern = z
  .string()
  .max(500)
  .superRefine((text, context) => {
    const result = compileNamePattern(text);
    if ('problem' in result) {
      context.addIssue({
        code: 'custom',
        message: `This is not a valid pattern: ${result.problem} at position ${result.position}.`,
      });
    }
  });

const extension = z
  .string()
  .max(40)
  .trim()
  .toLowerCase()
  .transform((text) => text.replace(/^\./, ''))
  .pipe(z.string().regex(/^[a-z0-9]{1,12}$/, { error: 'An extension is letters and digits: wav' }));

const distinct = <Item>(items: Item[]) => [...new Set(items)];

/** `list`: each entry is a name, or a pattern that one file must match. */
const expectedFiles = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('any') }),
  z.object({
    kind: z.literal('list'),
    files: z
      .array(z.object({ name: namePattern, optional: z.boolean().default(false) }))
      .min(1)
      .max(500),
  }),
  z
    .object({
      kind: z.literal('count'),
      min: z.number().int().min(1).max(250_000),
      max: z.number().int().min(1).max(250_000).nullable().default(null),
    })
    .refine(({ min, max }) => max === null || max >= min, { error: 'The maximum is less than the minimum.' }),
]);
export type ExpectedFiles = z.infer<typeof expectedFiles>;

export const requestRulesSchema = z.object({
  /** Empty for any kind. */
  mediaKinds: z.array(z.enum(mediaKinds)).max(mediaKinds.length).transform(distinct).default([]),
  /** In lower case, without the dot; empty for any extension. */
  extensions: z.array(extension).max(60).transform(distinct).default([]),
  /** Pattern for the name without its folders, in the language of `name-patterns.ts`; null for any name. */
  namePattern: namePattern.nullable().default(null),
  expected: expectedFiles.default({ kind: 'any' }),
  media: mediaProperties.prefault({}),
  signalLimits: signalLimits.prefault({}),
  strictNames: z.boolean().default(false),
  demandsManifest: z.boolean().default(false),
  automaticSubmit: z.boolean().default(false),
  /** True demands all frames between the first and the last of a sequence. */
  completeSequences: z.boolean().default(false),
  /** Processing stages that do not run for the files. */
  leftOutStages: leftOutStages.default([]),
  /** Stages whose failure only informs. */
  informingStages: informingStages.default([]),
  /** Rules that can be overridden with a reason; all others block, except `alwaysOverridable`. */
  overridable: z.array(z.enum(overridableRules)).max(overridableRules.length).transform(distinct).default([]),
});
export type RequestRules = z.infer<typeof requestRulesSchema>;

/**
 * Returns true when a name that the hub generates must be strict: strict names are demanded, or there is a name
 * pattern, which rarely allows spaces.
 */
export function demandsStrictNames(rules: RequestRules | null): boolean {
  return rules !== null && (rules.strictNames || rules.namePattern !== null);
}

/** The rules of a request without a type: only those that the hub itself requires. */
export const noRules: RequestRules = {
  mediaKinds: [],
  extensions: [],
  namePattern: null,
  expected: { kind: 'any' },
  media: {
    codecs: [],
    resolutions: [],
    frameRates: [],
    sampleRates: [],
    bitDepths: [],
    channelLayouts: [],
    languages: [],
  },
  signalLimits: noLimits,
  strictNames: false,
  demandsManifest: false,
  automaticSubmit: false,
  completeSequences: false,
  leftOutStages: [],
  informingStages: [],
  overridable: [],
};

const typeName = lineOfText(80);
const description = textSchema(2000);

export const listRequestTypesInput = projectIdInput.extend({ archived: z.boolean().default(false) });
export const createRequestTypeInput = projectIdInput.extend({
  name: typeName,
  description: description.default(''),
  rules: requestRulesSchema,
});
export type CreateRequestTypeInput = z.infer<typeof createRequestTypeInput>;
export const requestTypeIdInput = z.object({ typeId: idSchema('requestType') });
/** Changed rules create a new version; requests keep the version that they were created with. */
export const updateRequestTypeInput = requestTypeIdInput.extend({
  /** The version that the change is based on. If it is not the newest, the update fails and changes nothing. */
  version: z.number().int().min(1),
  revision: seenRevision,
  name: typeName.optional(),
  description: description.optional(),
  rules: requestRulesSchema.optional(),
  archived: z.boolean().optional(),
});
export type UpdateRequestTypeInput = z.infer<typeof updateRequestTypeInput>;
export const requestTypeVersionInput = requestTypeIdInput.extend({ version: z.number().int().min(1) });

export const requestTypeView = z.object({
  id: z.string(),
  projectId: z.string(),
  name: z.string(),
  description: z.string(),
  version: z.number(),
  revision: revisionView,
  rules: requestRulesSchema,
  archivedAt: z.number().nullable(),
  updatedAt: z.number(),
  /** The number of requests of this type in any version; `outdatedRequests` counts those with an older version. */
  requests: z.number(),
  outdatedRequests: z.number(),
});
export type RequestTypeView = z.infer<typeof requestTypeView>;
export const requestTypeListView = z.array(requestTypeView);
