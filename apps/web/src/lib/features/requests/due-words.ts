/** How late a request is, in words: "2 days late", "Due in 3 h". */
import { dayMs } from '@turnover/domain/days';
import { atRiskMs, criticalMs } from '@turnover/domain/requests/due-buckets';
import { isFinished, type RequestStatus } from '@turnover/domain/requests/machine';
import * as m from '@turnover/messages/messages';
import { formatDays, formatSpan } from '#lib/format.ts';
import type { Tone } from '#lib/ui/text/icon.ts';

export type DueWords = { text: string; tone: Tone };
type Due = { dueAt: number | null; status: RequestStatus };

/** Returns null when the request has no due date or is finished. Only an unsubmitted request can be late. */
export function dueWords({ dueAt, status }: Due, now: number): DueWords | null {
  if (dueAt === null || isFinished(status)) return null;
  const left = dueAt - now;
  const isSubmitted = status !== 'open' && status !== 'redelivery';
  if (left < 0) return isSubmitted ? null : { text: m.due_late({ span: lateness(-left) }), tone: 'bad' };
  const text = left < 60_000 ? m.due_now() : m.due_in({ span: formatSpan(left) });
  if (isSubmitted || left > atRiskMs) return { text, tone: 'flat' };
  return { text, tone: left <= criticalMs ? 'bad' : 'warn' };
}

/** Formats lateness in days from one day on: people say "2 days late", not "44 h late". */
export function lateness(lateMs: number): string {
  return lateMs < dayMs ? formatSpan(lateMs) : formatDays(lateMs);
}
