/** The sentence of a notification and its details: the same text in the inbox and in a mail. */
import { getLocale } from './locale.ts';
import * as m from './messages.ts';

type Value = string | number | boolean | null | string[];

export type ToldNotification = {
  kind: keyof typeof sentences;
  actor: string | null;
  project: string | null;
  data: Record<string, Value>;
};

/** The time zone for moments. Dates chosen as days need none. */
type Zone = { timeZone?: string };

export function notificationSentence(notification: ToldNotification, zone: Zone = {}): string {
  return sentences[notification.kind](new Facts(notification, zone));
}

/** Lines under the sentence: which entries, which rights, and until when. */
export function notificationDetails(notification: ToldNotification, zone: Zone = {}): string[] {
  const facts = new Facts(notification, zone);
  if (notification.kind !== 'share.received') return otherDetails[notification.kind]?.(facts) ?? [];
  const names = facts.names('entries');
  const count = facts.number('count');
  const list = listOf(names, count - names.length);
  return [
    ...(count > 1 && list !== '' ? [list] : []),
    abilityOf(facts),
    ...(facts.has('expiresOn') ? [m.notification_last_day({ day: facts.lastDay() })] : []),
    ...(facts.is('pending') ? [m.notification_pending({ project: facts.project })] : []),
  ];
}

/** A note that a person wrote, or an empty string. */
export function notificationNote({ kind, data }: ToldNotification): string {
  const field = kind === 'retention.asked' ? 'reason' : kind.startsWith('retention.') ? 'answer' : 'note';
  const note = data[field];
  return typeof note === 'string' ? note.trim() : '';
}

const otherDetails: Partial<Record<ToldNotification['kind'], (facts: Facts) => string[]>> = {
  'upload.idle': (facts) => {
    const files = facts.names('files');
    return files.length === 0 ? [] : [listOf(files, facts.number('count') - files.length)];
  },
  'account.invitation': () => [m.mail_invitation_text()],
  'account.reset': () => [m.mail_reset_text()],
  'account.code': (facts) => [m.mail_code({ code: facts.text('code') }), m.mail_code_text()],
  'account.passwordChanged': (facts) => [
    ...(facts.number('sessions') > 0 ? [m.account_ended_sessions({ count: facts.number('sessions') })] : []),
    ...(facts.number('tokens') > 0 ? [m.account_ended_tokens({ count: facts.number('tokens') })] : []),
    m.notification_password_not_you(),
  ],
  'share.joined': (facts) =>
    facts.text('invited') === facts.text('email')
      ? []
      : [m.notification_share_joined_other({ invited: facts.text('invited') })],
};

const sentences = {
  'share.received': (facts: Facts) => {
    const { actor } = facts;
    const count = facts.number('count');
    const [entry = ''] = facts.names('entries');
    return count === 1
      ? m.notification_share_received({ actor, entry })
      : m.notification_share_received_many({ actor, count });
  },
  'share.reminder': (facts: Facts) =>
    m.notification_share_reminder({ actor: facts.actor, entry: facts.text('entry') }),
  'share.ending': (facts: Facts) => {
    const [entry, person, day] = [facts.text('entry'), facts.text('person'), facts.lastDay()];
    return facts.is('mine')
      ? m.notification_share_ending_mine({ person, entry, day })
      : m.notification_share_ending({ entry, day });
  },
  'share.ended': (facts: Facts) => {
    const entry = facts.text('entry');
    return facts.hasActor
      ? m.notification_share_ended_by({ actor: facts.actor, entry })
      : m.notification_share_ended({ entry });
  },
  'retention.warning': (facts: Facts) =>
    m.notification_retention_warning({
      count: facts.number('days'),
      project: facts.project,
      day: facts.day('expiresAt'),
    }),
  'retention.asked': (facts: Facts) =>
    m.notification_retention_asked({ person: facts.text('person'), project: facts.project }),
  'retention.granted': (facts: Facts) =>
    m.notification_retention_granted({ project: facts.project, day: facts.day('until') }),
  'retention.declined': (facts: Facts) => m.notification_retention_declined({ project: facts.project }),
  'request.assigned': (facts: Facts) =>
    m.notification_request_assigned({ actor: facts.actor, request: facts.text('request') }),
  'request.dueSoon': (facts: Facts) => {
    const about = { request: facts.text('request'), date: facts.day('dueAt') };
    return facts.is('isOver') ? m.notification_request_overdue(about) : m.notification_request_due(about);
  },
  'request.reminder': (facts: Facts) =>
    m.notification_request_reminder({ actor: facts.actor, request: facts.text('request') }),
  'request.submitted': (facts: Facts) =>
    m.notification_request_submitted({ actor: facts.actor, request: facts.text('request') }),
  'request.processed': (facts: Facts) => {
    const [request, count] = [facts.text('request'), facts.number('failed')];
    return count > 0
      ? m.notification_request_processed_failed({ request, count })
      : m.notification_request_processed({ request });
  },
  'request.redelivery': (facts: Facts) =>
    m.notification_request_redelivery({ actor: facts.actor, request: facts.text('request') }),
  'request.accepted': (facts: Facts) =>
    m.notification_request_accepted({ actor: facts.actor, request: facts.text('request') }),
  'request.comment': (facts: Facts) => {
    const about = { actor: facts.actor, request: facts.text('request') };
    return facts.is('mentioned')
      ? m.notification_request_mention(about)
      : m.notification_request_comment(about);
  },
  'upload.idle': (facts: Facts) =>
    m.notification_upload_idle({
      count: facts.number('count'),
      project: facts.project,
      time: facts.moment('until'),
    }),
  'upload.discarded': (facts: Facts) =>
    m.notification_upload_discarded({ actor: facts.actor, file: facts.text('file') }),
  'share.joined': (facts: Facts) => {
    const about = { actor: facts.actor, email: facts.text('email') };
    const count = facts.number('count');
    return count > 1
      ? m.notification_share_joined_many({ ...about, count })
      : m.notification_share_joined({ ...about, entry: facts.text('entry') });
  },
  'account.passwordChanged': (facts: Facts) =>
    facts.is('byLink') ? m.notification_password_by_link() : m.notification_password_changed(),
  'account.invitation': (facts: Facts) =>
    m.notification_account_invitation({ actor: facts.actor, project: facts.project }),
  'account.reset': () => m.notification_account_reset(),
  'account.code': () => m.notification_account_code(),
  'storage.stopped': (facts: Facts) => m.notification_storage_stopped({ count: facts.number('files') }),
  'clock.distrusted': (facts: Facts) =>
    m.notification_clock_distrusted({ now: facts.moment('now'), then: facts.moment('believedAt') }),
};

function abilityOf(facts: Facts): string {
  const [canShare, canUpdate] = [facts.is('canShare'), facts.is('canUpdate')];
  if (canShare && canUpdate) return m.notification_can_share_update();
  if (canShare) return m.notification_can_share();
  return canUpdate ? m.notification_can_update() : m.notification_can_download();
}

function listOf(names: string[], more: number): string {
  if (more > 0) return m.notification_files_many({ names: names.join(', '), count: more });
  return new Intl.ListFormat(getLocale(), { type: 'conjunction' }).format(names);
}

const dayMs = 24 * 3600_000;

/** Reads the data of a notification; older rows may lack fields. */
class Facts {
  #notification: ToldNotification;
  #zone: Zone;

  constructor(notification: ToldNotification, zone: Zone) {
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

  day(key: string): string {
    const value = this.#notification.data[key];
    return typeof value === 'number' ? formatDay(value, this.#zone) : '';
  }

  /** Day and time, with the zone's name when it is not the reader's own. */
  moment(key: string): string {
    const value = this.#notification.data[key];
    return typeof value === 'number' ? formatMoment(value, this.#zone) : '';
  }

  /** `expiresOn` is the first day without access. */
  lastDay(): string {
    const at = Date.parse(`${this.text('expiresOn')}T00:00:00Z`);
    return Number.isNaN(at) ? '' : formatDay(at - dayMs, { timeZone: 'UTC' });
  }
}

/** Day before month in both languages, as on the pages. */
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
