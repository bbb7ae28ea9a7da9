/**
 * The result of reading a published delivery specification: a type whose rules the hub can check, and the remaining
 * demands for people.
 */
import { z } from 'zod';
import { projectIdInput } from '../../people/projects.ts';
import { noRules, requestRulesSchema, requestTypeIdInput, type RequestRules } from '../request-types.ts';

export const specifiedTypeView = z.object({
  name: z.string(),
  /** The specification that the type was read from. */
  source: z.string(),
  rules: requestRulesSchema,
  /** Demands that people must check, as `place: value`. */
  forPeople: z.array(z.string()),
  /** The number of demands beyond the listed ones. */
  moreForPeople: z.number(),
});
export type SpecifiedType = z.infer<typeof specifiedTypeView>;

export const specificationFormats = ['umdp', 'imf_delivery_schema'] as const;
export const specificationView = z.object({
  format: z.enum(specificationFormats),
  types: z.array(specifiedTypeView),
});
export type SpecificationView = z.infer<typeof specificationView>;

/** Maximum length in characters. The longest published specifications have a tenth of it. */
export const maxSpecificationLength = 500_000;
export const readSpecificationInput = projectIdInput.extend({
  text: z.string().min(1).max(maxSpecificationLength),
});

export const exportedTypeInput = requestTypeIdInput.extend({ version: z.number().int().min(1).optional() });

export const specificationProblems = ['unknown_format', 'not_json', 'not_xml', 'incomplete'] as const;
/** `at`: the field that is missing or wrong. */
export type SpecificationProblem = { problem: (typeof specificationProblems)[number]; at: string | null };

const maxListed = 200;
const maxLineLength = 300;
const maxTypeName = 80;

/** Builds a type. Lists that exceed the limits of a type are cut. */
export function specifiedType({
  name,
  source,
  rules,
  forPeople,
}: {
  name: string;
  source: string;
  rules: Partial<RequestRules>;
  forPeople: readonly string[];
}): SpecifiedType {
  return {
    name: plain(name).slice(0, maxTypeName).trim(),
    source: plain(source).slice(0, maxLineLength),
    rules: { ...noRules, ...rules },
    forPeople: forPeople.slice(0, maxListed).map((line) => plain(line).slice(0, maxLineLength)),
    moreForPeople: Math.max(0, forPeople.length - maxListed),
  };
}

/** Returns one line without control characters and directional marks. */
function plain(text: string): string {
  return text.replace(/[\p{Cc}\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069\s]+/gu, ' ').trim();
}

/**
 * Translates all values to our words; null when one is unknown, because an incomplete list would refuse what the
 * specification allows.
 */
export function allKnown(
  values: readonly (string | number)[] | undefined,
  wordOf: (value: string) => string | undefined,
): string[] | null {
  if (!values || values.length === 0) return null;
  const words = values.map((value) => wordOf(String(value).toLowerCase()));
  return words.every((word) => word !== undefined) ? [...new Set(words)] : null;
}
