/** What a request waits for, and how urgent it is: "2 days late", "Waiting for you", "#7 in queue · about 16:31". */
import type { Role } from '@turnover/domain/people/projects';
import { offersIn } from '@turnover/domain/requests/actions';
import type { RequestListView } from '@turnover/domain/requests/list';
import { isFinished } from '@turnover/domain/requests/machine';
import * as m from '@turnover/messages/messages';
import { formatDay, formatNumber, formatTime } from '#lib/format.ts';
import type { Tone } from '#lib/ui/text/icon.ts';
import { dueWords } from './due-words.ts';

/** Text with its tone. `mark`: the kind of icon that draws attention; undefined for plain text. */
export type Standing = { text: string; tone: Tone; mark?: 'late' | 'soon' | 'yours' };
type Standable = Pick<RequestListView['requests'][number], 'status' | 'dueAt' | 'promisedAt' | 'processing'>;

const marks: Partial<Record<Tone, Standing['mark']>> = { bad: 'late', warn: 'soon' };

/** Returns null when the request is finished or has no due date. */
export function standingOf(request: Standable, role: Role | null, now: number): Standing | null {
  const { status, dueAt, promisedAt, processing } = request;
  if (isFinished(status)) return null;
  if (status === 'open' || status === 'redelivery') {
    const due = dueWords(request, now);
    // A promise that is too late is as urgent as a request that is due tomorrow; "Due in 8 days" would hide it.
    if (due && due.tone !== 'bad' && promisedAt !== null && promisedAt > dueAt!)
      return {
        text: m.requests_promised_for({ day: formatDay(promisedAt, now) }),
        tone: 'bad',
        mark: 'late',
      };
    return due && { ...due, mark: marks[due.tone] };
  }
  return (processing && progressOf(processing, now)) ?? waitingFor(status, role);
}

function progressOf(
  { place, expectedEndAt }: NonNullable<Standable['processing']>,
  now: number,
): Standing | null {
  const time = expectedEndAt === null ? null : formatTime(Math.max(expectedEndAt, now));
  if (place !== null) {
    // `place` counts the runs before this one, so its own place is one more.
    const words = { place: formatNumber(place + 1) };
    const text =
      time === null ? m.stage_status_queued(words) : m.stage_status_queued_until({ ...words, time });
    return { text, tone: 'info' };
  }
  return time === null ? null : { text: m.requests_ready_about({ time }), tone: 'info' };
}

/**
 * Says whom the request waits for. Coordinators learn nothing about the hub's own work; the others wait for
 * coordinators from the submit on.
 */
function waitingFor(status: Standable['status'], role: Role | null): Standing | null {
  if (!offersIn(status, role).has('accept'))
    return { text: m.requests_waiting_for_coordinator(), tone: 'flat' };
  return status === 'processed' ? { text: m.requests_waiting_for_you(), tone: 'ok', mark: 'yours' } : null;
}
