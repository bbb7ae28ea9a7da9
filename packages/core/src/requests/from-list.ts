/** Creates many requests from a list. Each line is created or refused by itself. */
import { and, eq, ne } from 'drizzle-orm';
import type { z } from 'zod';
import type { Reader, Transaction } from '@turnover/db/open';
import { requests } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { foldedName } from '@turnover/domain/requests/from-list';
import { HubError } from '@turnover/domain/errors';
import {
  listedRequestInput,
  type CreatedManyView,
  type createManyRequestsInput,
  type takenNamesInput,
} from '@turnover/domain/requests/requests';
import { isDamaged } from '@turnover/domain/text-encodings';
import { inBatches } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { insertRequest } from './edit.ts';

/** Lines per transaction. Other work gets its turn between two transactions. */
const linesPerBatch = 4;

type Line = CreatedManyView['lines'][number];

/** Returns the result for each line in order. A refused line does not affect the others. */
export async function createRequests(
  ctx: PersonContext,
  { projectId, requests: wanted }: z.output<typeof createManyRequestsInput>,
): Promise<CreatedManyView> {
  const names = namesIn(ctx.db, projectId);
  const lines: Line[] = [];
  await inBatches(wanted, linesPerBatch, (batch) => {
    const made = inTransaction(ctx.db, (tx) => batch.map((line) => createOne(tx, ctx, projectId, line)));
    for (const { name, ...line } of made) {
      lines.push({ ...line, nameTaken: name !== null && names.has(foldedName(name)) });
      if (name !== null && line.requestId !== null) names.add(foldedName(name));
    }
  });
  return { made: lines.filter(({ requestId }) => requestId !== null).length, lines };
}

/** Returns those of the names that a request of the project already has. */
export function takenNames(
  { db }: PersonContext,
  { projectId, names }: z.output<typeof takenNamesInput>,
): { taken: string[] } {
  const present = namesIn(db, projectId);
  return { taken: names.filter((name) => present.has(foldedName(name))) };
}

function createOne(
  tx: Transaction,
  ctx: PersonContext,
  projectId: string,
  line: Record<string, unknown>,
): Omit<Line, 'nameTaken'> & { name: string | null } {
  const read = listedRequestInput.safeParse(line);
  if (!read.success) {
    const [issue] = read.error.issues;
    const field = issue?.path.join('.') ?? '';
    return refusedLine(null, 'invalid_input', `${field}: ${issue?.message ?? ''}`, { field });
  }
  const { name, description } = read.data;
  const damaged = Object.entries({ name, description }).find(([, text]) => isDamaged(text));
  if (damaged) {
    const [field] = damaged;
    return refusedLine(
      name,
      'invalid_input',
      `${field}: some characters were lost before the text reached Turnover.`,
      {
        field,
      },
    );
  }
  try {
    return { name, requestId: insertRequest(tx, ctx, { ...read.data, projectId }).id, refusal: null };
  } catch (error) {
    if (!(error instanceof HubError)) throw error;
    return refusedLine(name, error.code, error.message, error.details);
  }
}

function refusedLine(
  name: string | null,
  code: HubError['code'],
  message: string,
  details: HubError['details'],
): Omit<Line, 'nameTaken'> & { name: string | null } {
  return { name, requestId: null, refusal: { code, message, details } };
}

function namesIn(db: Reader, projectId: string): Set<string> {
  const rows = db
    .select({ name: requests.name })
    .from(requests)
    .where(and(eq(requests.projectId, projectId), ne(requests.status, 'cancelled')))
    .all();
  return new Set(rows.map(({ name }) => foldedName(name)));
}
