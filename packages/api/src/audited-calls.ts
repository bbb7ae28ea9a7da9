/** What an entry of the audit log says about a call of the API. */
import { z } from 'zod';
import type { Act } from '@turnover/core/audit/record';
import type { Person } from '@turnover/core/context';
import { auditDetailsOf } from '@turnover/domain/server/audit';
import type { Deed } from './trpc.ts';

/** The fields that the input of each procedure has. */
const fields = new Map<string, ReadonlySet<string>>();

/** Called once with all procedures: a base procedure runs before its procedure has an input. */
export function declareInputs(procedures: object): void {
  for (const [path, procedure] of Object.entries(procedures) as [string, { _def: { inputs: unknown[] } }][]) {
    fields.set(path, new Set(procedure._def.inputs.flatMap(fieldsOf)));
  }
}

function fieldsOf(schema: unknown): string[] {
  const { properties = {} } = z.toJSONSchema(schema as z.ZodType, { io: 'input', unrepresentable: 'any' });
  return Object.keys(properties);
}

/** `raw` is the input as it was sent; the services have checked it when this is called. Fields that no schema has are dropped. */
export function describeCall(path: string, raw: unknown, actor: Person | null, deed: Deed): Act {
  const known = fields.get(path) ?? new Set();
  const pairs = Object.entries((raw ?? {}) as Record<string, unknown>).filter(([key]) => known.has(key));
  const input = Object.fromEntries(pairs);
  return {
    action: path,
    actor,
    projectId: deed.projectId ?? textOf(input.projectId),
    subject: subjectOf(path, input),
    details: auditDetailsOf(path, input),
  };
}

/** The thing that the call names: the project only when nothing else is named. Reasons are named by a code. */
function subjectOf(path: string, input: Record<string, unknown>): string | null {
  const named = Object.entries(input).find(
    ([key, id]) => /Id$/.test(key) && key !== 'projectId' && textOf(id),
  );
  const code = path.startsWith('reasons.') ? textOf(input.code) : null;
  return textOf(named?.[1]) ?? code ?? textOf(input.projectId);
}

function textOf(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
