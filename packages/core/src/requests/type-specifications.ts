/** Converts published specifications to request types, and request types to a specification. */
import { HubError } from '@turnover/domain/errors';
import { readSpecification } from '@turnover/domain/rules/specifications/read-specification';
import type { SpecificationView } from '@turnover/domain/rules/specifications/specification';
import { writeUmdp } from '@turnover/domain/rules/specifications/umdp';
import type { PersonContext } from '../context.ts';
import { rulesOfVersion, type RequestType } from './types.ts';

/** Previews the types that a specification describes. Throws `invalid_input` with the `problem`. Writes nothing. */
export function specifiedTypes(text: string): SpecificationView {
  const read = readSpecification(text);
  if (!('problem' in read)) return read;
  const { problem, at } = read;
  throw new HubError('invalid_input', 'This is neither a UMDP profile nor an IMF Delivery Schema.', {
    field: 'text',
    problem,
    at,
  });
}

/** Exports a version of a type as a UMDP profile. Throws `not_found` for a version that does not exist. */
export function exportType(
  { db }: PersonContext,
  { id, name, description, version: newest }: RequestType,
  version = newest,
): Record<string, unknown> {
  return writeUmdp({ id, name, description, version, rules: rulesOfVersion(db, id, version) });
}
