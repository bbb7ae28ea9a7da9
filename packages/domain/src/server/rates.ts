/** How fast people may send and receive, by the hours of the week on the clock of the hub. */
import { z } from 'zod';

/** Hours on some days of the week, 0 being Sunday. A span that ends before it begins goes on until the next day. */
type RateSpan = { days: readonly number[]; fromMinute: number; toMinute: number; bytesPerSecond: number };

export type RateSchedule = {
  /** The first span that holds the moment counts. */
  spans: readonly RateSpan[];
  /** The rate of all other hours; null for no limit. */
  otherwise: number | null;
};

/** `total` is shared by everybody. */
export type RateLimits = { total: RateSchedule; person: RateSchedule };

export const unlimited: RateLimits = {
  total: { spans: [], otherwise: null },
  person: { spans: [], otherwise: null },
};

/** `until`: when the rate changes next; null when it stays. */
export const rateView = z.object({ bytesPerSecond: z.number(), until: z.number().nullable() });
export type RateView = z.infer<typeof rateView>;

export function rateAt({ spans, otherwise }: RateSchedule, at: number): number | null {
  if (spans.length === 0) return otherwise;
  const moment = new Date(at);
  return spans.find((span) => holds(span, moment))?.bytesPerSecond ?? otherwise;
}

/** Returns the rate that one person can reach, with the moment at which it changes; null when nothing limits it. */
export function rateNow(limits: RateLimits, at: number): RateView | null {
  const bytesPerSecond = lowestAt(limits, at);
  if (bytesPerSecond === null) return null;
  const change = boundariesAfter(limits, at).find((moment) => lowestAt(limits, moment) !== bytesPerSecond);
  return { bytesPerSecond, until: change ?? null };
}

function lowestAt({ total, person }: RateLimits, at: number): number | null {
  const rates = [rateAt(total, at), rateAt(person, at)].filter((rate) => rate !== null);
  return rates.length === 0 ? null : Math.min(...rates);
}

function holds({ days, fromMinute, toMinute }: RateSpan, moment: Date): boolean {
  const minute = moment.getHours() * 60 + moment.getMinutes();
  const today = moment.getDay();
  if (fromMinute < toMinute) return days.includes(today) && minute >= fromMinute && minute < toMinute;
  const yesterday = (today + 6) % 7;
  return (days.includes(today) && minute >= fromMinute) || (days.includes(yesterday) && minute < toMinute);
}

/** The moments within a week at which a span begins or ends, in their order. */
function boundariesAfter({ total, person }: RateLimits, at: number): number[] {
  const minutes = [...total.spans, ...person.spans].flatMap(({ fromMinute, toMinute }) => [
    fromMinute,
    toMinute,
  ]);
  const start = new Date(at);
  const moments = Array.from({ length: 8 }, (_, day) =>
    minutes.map((minute) => {
      const moment = new Date(start.getFullYear(), start.getMonth(), start.getDate() + day);
      return moment.setHours(0, minute, 0, 0);
    }),
  );
  return [...new Set(moments.flat())].filter((moment) => moment > at).toSorted((one, other) => one - other);
}
