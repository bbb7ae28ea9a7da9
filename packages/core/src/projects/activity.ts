/** The activity of a project: the history events that the person may see, with the names of their requests. */
import { requests } from '@turnover/db/schema/requests';
import type { ActivityInput, ActivityView } from '@turnover/domain/requests/requests';
import type { PersonContext } from '../context.ts';
import { projectActivity } from '../events.ts';
import { inList } from '../in-list.ts';

export function listActivity(
  { db, person }: PersonContext,
  { projectId, before, limit, about, personId, requestId }: ActivityInput,
): ActivityView {
  const events = projectActivity(db, person, projectId, {
    before: before ?? null,
    limit: limit + 1,
    about: about ?? null,
    personId: personId ?? null,
    requestId: requestId ?? null,
  });
  const page = events.slice(0, limit);
  const ids = [...new Set(page.flatMap((event) => event.requestId ?? []))];
  const names = new Map(
    db
      .select({ id: requests.id, name: requests.name })
      .from(requests)
      .where(inList(requests.id, ids))
      .all()
      .map(({ id, name }) => [id, name]),
  );
  return {
    events: page.map((event) => ({
      ...event,
      request: event.requestId === null ? null : (names.get(event.requestId) ?? null),
    })),
    more: events.length > limit,
  };
}
