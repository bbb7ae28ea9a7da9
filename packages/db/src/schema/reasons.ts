import { sql } from 'drizzle-orm';
import { index, integer, primaryKey, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import type { FindingAnswer } from '@turnover/domain/requests/finding-answers';
import type { Severity } from '@turnover/domain/requests/reasons';
import type { FrameRate } from '@turnover/domain/media/timecodes';
import { at, flag, id } from '../columns.ts';
import { users } from './accounts.ts';
import { deliveredFiles, redeliveries, requests } from './requests.ts';

/** The hub's own reasons and its changes to included reasons. Unchanged included reasons have no row. */
export const reasons = sqliteTable('reasons', {
  /** The code of an included reason, or an id. */
  code: text('code').primaryKey(),
  position: integer('position').notNull(),
  severity: text('severity').$type<Severity>().notNull(),
  textRequired: flag('text_required').notNull(),
  /** Null for the included text in the reader's language. */
  name: text('name'),
  description: text('description'),
  prevention: text('prevention'),
  cure: text('cure'),
  /** When it was archived: no longer offered, but still shown in redeliveries that used it. */
  archivedAt: at('archived_at'),
  updatedAt: at('updated_at').notNull(),
  updatedBy: text('updated_by')
    .notNull()
    .references(() => users.id),
});

/** One finding of a redelivery: a reason for a file, possibly with timecodes, and the partner's answer. */
export const reasonFindings = sqliteTable(
  'reason_pins',
  {
    id: id(),
    redeliveryId: text('redelivery_id')
      .notNull()
      .references(() => redeliveries.id),
    requestId: text('request_id')
      .notNull()
      .references(() => requests.id),
    /** The round that was rejected. */
    round: integer('round').notNull(),
    reason: text('reason').notNull(),
    /** Null when the finding is about the whole delivery. */
    fileId: text('file_id').references(() => deliveredFiles.id),
    /** Format `01:02:03:04` or `01:02:03.456`. */
    timecodeIn: text('timecode_in'),
    timecodeOut: text('timecode_out'),
    /** The frame rate of the timecodes; null when it is not stated. */
    frameRate: text('frame_rate').$type<FrameRate>(),
    note: text('note').notNull().default(''),
    answer: text('answer').$type<FindingAnswer>(),
    answerComment: text('answer_comment').notNull().default(''),
    answeredBy: text('answered_by').references(() => users.id),
    answeredAt: at('answered_at'),
    /**
     * The round that was open when the finding was answered; null when it never was. Earlier answers are in
     * `earlier_answers`.
     */
    answeredRound: integer('answered_round'),
    /** Who resolved it, and below in which later round. Until then it carries over from round to round. */
    checkedBy: text('checked_by').references(() => users.id),
    checkedAt: at('checked_at'),
    checkedRound: integer('checked_round'),
  },
  (table) => [
    index('reason_pins_of_request').on(table.requestId, table.round),
    index('reason_pins_of_file')
      .on(table.fileId)
      .where(sql`${table.fileId} is not null`),
    index('reason_pins_of_redelivery').on(table.redeliveryId),
  ],
);

/** The answer that an earlier round was submitted with, stored before the finding is answered again. */
export const earlierAnswers = sqliteTable(
  'earlier_answers',
  {
    findingId: text('finding_id')
      .notNull()
      .references(() => reasonFindings.id),
    round: integer('round').notNull(),
    /** Null when the answer was withdrawn. */
    answer: text('answer').$type<FindingAnswer>(),
    comment: text('comment').notNull(),
    answeredBy: text('answered_by').references(() => users.id),
    answeredAt: at('answered_at'),
  },
  (table) => [primaryKey({ columns: [table.findingId, table.round] })],
);
