import { sql } from 'drizzle-orm';
import { index, integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { EventData, EventKind } from '@turnover/domain/events';
import { at } from '../columns.ts';
import { users } from './accounts.ts';
import { projects } from './projects.ts';
import { requests } from './requests.ts';

/** Events in commit order. An event with an `audienceId` is for that person only. */
export const events = sqliteTable(
  'events',
  {
    id: integer('id').primaryKey({ autoIncrement: true }),
    at: at('at').notNull(),
    kind: text('kind').$type<EventKind>().notNull(),
    lasting: integer('lasting', { mode: 'boolean' }).notNull(),
    projectId: text('project_id').references(() => projects.id),
    requestId: text('request_id').references(() => requests.id),
    audienceId: text('audience_id').references(() => users.id),
    /** Who delivered the file that the event is about: roles that see only their own files get only their events. */
    deliveredBy: text('delivered_by').references(() => users.id),
    actorId: text('actor_id').references(() => users.id),
    data: text('data', { mode: 'json' }).$type<EventData>().notNull(),
  },
  (table) => [
    index('events_of_request').on(table.requestId, table.id),
    index('events_of_project')
      .on(table.projectId, table.id)
      .where(sql`${table.lasting} = 1`),
    index('events_to_prune')
      .on(table.at)
      .where(sql`${table.lasting} = 0`),
  ],
);
