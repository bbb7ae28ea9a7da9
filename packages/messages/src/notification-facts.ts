/** Words for the facts of a notification in the reader's language: names, days, counts, and reasons for redelivery. */
import { getLocale } from './locale.ts';
import * as m from './messages.ts';

type Value = string | number | boolean | null | string[];

export type ToldFacts = { actor: string | null; project: string | null; data: Record<string, Value> };

/** The time zone for formatting moments. Dates that were chosen as days need none. */
export type Zone = { timeZone?: string };

function listOf(names: string[], more: number): string {
  if (more > 0) return m.notification_files_many({ names: names.join(', '), count: more });
  return new Intl.ListFormat(getLocale(), { type: 'conjunction' }).format(names);
}

const dayMs = 24 * 3600_000;

/** Lists the messages one by one: a lookup by a computed name would load every message of the product into the browser. */
const reasonNames: Record<string, () => string> = {
  missing_file: m.reason_missing_file_name,
  wrong_file: m.reason_wrong_file_name,
  wrong_version: m.reason_wrong_version_name,
  name_not_to_spec: m.reason_name_not_to_spec_name,
  checksum_missing: m.reason_checksum_missing_name,
  checksum_mismatch: m.reason_checksum_mismatch_name,
  unreadable: m.reason_unreadable_name,
  frame_gaps: m.reason_frame_gaps_name,
  picture_spec: m.reason_picture_spec_name,
  audio_spec: m.reason_audio_spec_name,
  timed_text: m.reason_timed_text_name,
  extraneous_content: m.reason_extraneous_content_name,
  creative_change: m.reason_creative_change_name,
  sent_in_error: m.reason_sent_in_error_name,
  other: m.reason_other_name,
};

/** Reads the data of a notification; older rows may lack fields. */
export class Facts {
  #notification: ToldFacts;
  #zone: Zone;

  constructor(notification: ToldFacts, zone: Zone) {
    this.#notification = notification;
    this.#zone = zone;
  }

  get hasActor(): boolean {
    return this.#notification.actor !== null;
  }

  get actor(): string {
    return this.#notification.actor ?? m.notification_somebody();
  }

  get project(): string {
    return this.#notification.project ?? '';
  }

  has(key: string): boolean {
    return (this.#notification.data[key] ?? null) !== null;
  }

  is(key: string): boolean {
    return this.#notification.data[key] === true;
  }

  text(key: string): string {
    const value = this.#notification.data[key];
    return typeof value === 'string' ? value : '';
  }

  number(key: string): number {
    const value = this.#notification.data[key];
    return typeof value === 'number' ? value : 0;
  }

  names(key: string): string[] {
    const value = this.#notification.data[key];
    return Array.isArray(value) ? value : [];
  }

  /** Returns a list of names; with `count`, also how many more there are. */
  listed(key: string): string {
    const names = this.names(key);
    return names.length === 0 ? '' : listOf(names, this.number('count') - names.length);
  }

  /** Returns “a.mov”, or “3 items”. Notifications of earlier versions name one entry. */
  entries(): string {
    const [first = this.text('entry')] = this.names('entries');
    const count = this.number('count');
    return count > 1 ? m.notification_entries_count({ count }) : m.notification_quoted({ name: first });
  }

  person(): string {
    return this.names('people')[0] ?? this.text('person');
  }

  people(): string {
    const names = this.names('people');
    return listOf(names, this.number('peopleCount') - names.length);
  }

  peopleCount(): string {
    return m.notification_people_count({ count: this.number('peopleCount') });
  }

  /** Returns the hub's own names of the reasons, or the included ones in the reader's language. */
  reasons(): string {
    const own = this.names('reasonNames');
    const names = this.names('reasons').map((code, at) => own[at] || (reasonNames[code]?.() ?? code));
    return listOf(names, 0);
  }

  day(key: string): string {
    const value = this.#notification.data[key];
    return typeof value === 'number' ? formatDay(value, this.#zone) : '';
  }

  /** Returns day and time, with the name of the zone when it is not the reader's own. */
  moment(key: string): string {
    const value = this.#notification.data[key];
    return typeof value === 'number' ? formatMoment(value, this.#zone) : '';
  }

  /** Returns the last day with access. `expiresOn` is the first day without it. */
  lastDay(): string {
    const at = Date.parse(`${this.text('expiresOn')}T00:00:00Z`);
    return Number.isNaN(at) ? '' : formatDay(at - dayMs, { timeZone: 'UTC' });
  }
}

/** Formats a day; the day comes before the month in both languages, as on the pages. */
function formatDay(at: number, zone: Zone): string {
  const locale = getLocale() === 'en' ? 'en-GB' : getLocale();
  return new Intl.DateTimeFormat(locale, { day: 'numeric', month: 'long', year: 'numeric', ...zone }).format(
    at,
  );
}

function formatMoment(at: number, zone: Zone): string {
  const locale = getLocale() === 'en' ? 'en-GB' : getLocale();
  const time = { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' } as const;
  const named = zone.timeZone ? ({ timeZoneName: 'short' } as const) : {};
  const options = { day: 'numeric', month: 'long', ...time, ...named, ...zone } as const;
  return new Intl.DateTimeFormat(locale, options).format(at);
}
