/** Derives size limits from an input schema: which parts have no bound, and how long its JSON can become. */
import { z } from 'zod';

type JsonSchema = {
  type?: string | string[];
  properties?: Record<string, JsonSchema>;
  items?: JsonSchema | false;
  anyOf?: JsonSchema[];
  oneOf?: JsonSchema[];
  enum?: unknown[];
  const?: unknown;
  maxItems?: number;
  maxLength?: number;
  additionalProperties?: JsonSchema | boolean;
  propertyNames?: JsonSchema;
};

/** Returns the paths of parts without a bound, such as `files.*.path`. */
export function unboundedParts(schema: z.ZodType): string[] {
  return unbounded(jsonSchemaOf(schema), '');
}

/** Returns the longest valid JSON in bytes; Infinity when a part has no bound. */
export function largestJsonBytes(schema: z.ZodType): number {
  return largest(jsonSchemaOf(schema));
}

function jsonSchemaOf(schema: z.ZodType): JsonSchema {
  return z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' }) as JsonSchema;
}

function unbounded(schema: JsonSchema, path: string): string[] {
  const here = path || 'the whole input';
  if (schema.enum || schema.const !== undefined) return [];
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return variants.flatMap((variant) => unbounded(variant, path));
  if (schema.type === undefined) return [here];
  return [schema.type].flat().flatMap((type) => {
    if (type === 'string') return schema.maxLength === undefined ? [here] : [];
    if (type === 'array') {
      const open = schema.maxItems === undefined ? [here] : [];
      return [...open, ...unbounded(schema.items || {}, below(path, '*'))];
    }
    return type === 'object' ? unboundedInObject(schema, path) : [];
  });
}

function unboundedInObject(schema: JsonSchema, path: string): string[] {
  const fields = Object.entries(schema.properties ?? {});
  const found = fields.flatMap(([name, field]) => unbounded(field, below(path, name)));
  const { additionalProperties: values, propertyNames: names } = schema;
  if (typeof values !== 'object') return found;
  // An enum of keys bounds a record.
  const open = names?.enum ? [] : [below(path, '{}')];
  return [...found, ...open, ...unbounded(values, below(path, '{}'))];
}

function below(path: string, name: string): string {
  return path ? `${path}.${name}` : name;
}

/** A character can take six bytes (`\u0041`). Parts are separated by commas. */
const bytesPerCharacter = 6;
const numberBytes = 25;

function largest(schema: JsonSchema): number {
  if (schema.enum) return Math.max(...schema.enum.map((value) => JSON.stringify(value).length));
  if (schema.const !== undefined) return JSON.stringify(schema.const).length;
  const variants = schema.anyOf ?? schema.oneOf;
  if (variants) return Math.max(...variants.map(largest));
  if (schema.type === undefined) return Infinity;
  return Math.max(...[schema.type].flat().map((type) => largestOf(type, schema)));
}

function largestOf(type: string, schema: JsonSchema): number {
  if (type === 'string') return 2 + bytesPerCharacter * (schema.maxLength ?? Infinity);
  if (type === 'array') return 2 + (schema.maxItems ?? Infinity) * (1 + largest(schema.items || {}));
  if (type !== 'object') return numberBytes;
  const fields = Object.entries(schema.properties ?? {});
  const inFields = fields.reduce((sum, [name, field]) => sum + name.length + 4 + largest(field), 2);
  const { additionalProperties: values, propertyNames: names } = schema;
  if (typeof values !== 'object') return inFields;
  return inFields + (names?.enum?.length ?? Infinity) * (bytesPerCharacter * 40 + largest(values));
}
