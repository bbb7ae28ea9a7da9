/** Uploads into requests that are still open: what arrives in each request, and the person's own unfinished uploads. */
import { and, count, desc, eq, inArray, max, sql, sum } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { requests } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { lastSegment } from '@turnover/domain/names/names';
import { maxWorkRows, type ArrivingView, type WorkTransitView } from '@turnover/domain/work/work';
import type { PersonContext } from '../context.ts';
import { inList } from '../in-list.ts';

const bytes = {
  uploads: count(),
  sentBytes: sum(uploads.durableOffset).mapWith(Number),
  sizeBytes: sum(uploads.sizeBytes).mapWith(Number),
  lastByteAt: max(uploads.updatedAt).mapWith(Number),
};

/** Keyed by request id. With `by`, only the uploads of that person. Requests without uploads are not in the map. */
export function arrivingIn(
  db: Reader,
  requestIds: readonly string[],
  by: string | null,
): Map<string, ArrivingView> {
  const rows = db
    .select({ requestId: uploads.requestId, ...bytes })
    .from(uploads)
    .where(
      and(
        inList(uploads.requestId, requestIds),
        eq(uploads.status, 'uploading'),
        by === null ? undefined : eq(uploads.userId, by),
      ),
    )
    .groupBy(uploads.requestId)
    .all();
  return new Map(rows.map(({ requestId, ...arriving }) => [requestId!, arriving]));
}

function ofPerson(personId: string, projectId: string) {
  return and(
    eq(uploads.userId, personId),
    inArray(uploads.status, ['uploading', 'mismatch']),
    eq(uploads.projectId, projectId),
  );
}

/** The person's own uploads, one row for each request, the most recently active first. */
export function listTransit({ db, person }: PersonContext, projectId: string): WorkTransitView[] {
  const rows = db
    .select({
      request: { id: requests.id, name: requests.name, dueAt: requests.dueAt },
      arriving: bytes,
      path: max(uploads.path),
      mismatches: sql<number>`sum(${uploads.status} = 'mismatch')`,
    })
    .from(uploads)
    .innerJoin(requests, eq(requests.id, uploads.requestId))
    .where(ofPerson(person.id, projectId))
    .groupBy(requests.id)
    .orderBy(desc(max(uploads.updatedAt)), requests.id)
    .limit(maxWorkRows)
    .all();
  return rows.map(({ request, arriving, path, mismatches }) => ({
    kind: 'transit',
    request,
    arriving,
    name: arriving.uploads === 1 && path !== null ? lastSegment(path) : null,
    mismatches,
  }));
}

export function countTransit({ db, person }: PersonContext, projectId: string): number {
  return db
    .select({ number: sql<number>`count(distinct ${uploads.requestId})` })
    .from(uploads)
    .where(ofPerson(person.id, projectId))
    .get()!.number;
}
