/** The sentence of a notification and its details: the same texts in the inbox and in mails. */
import * as m from './messages.ts';
import { backupFailureWord } from './backup-words.ts';
import { deviceWords } from './device-words.ts';
import { Facts, type ToldFacts, type Zone } from './notification-facts.ts';

export type ToldNotification = { kind: keyof typeof sentences } & ToldFacts;

export function notificationSentence(notification: ToldNotification, zone: Zone = {}): string {
  return sentences[notification.kind](new Facts(notification, zone));
}

/** Returns the lines below the sentence: which entries, which rights, and until when. */
export function notificationDetails(notification: ToldNotification, zone: Zone = {}): string[] {
  return details[notification.kind]?.(new Facts(notification, zone)) ?? [];
}

/** Returns the note that a person wrote, or an empty string. */
export function notificationNote({ kind, data }: ToldNotification): string {
  const field = kind === 'retention.asked' ? 'reason' : kind.startsWith('retention.') ? 'answer' : 'note';
  const note = data[field];
  return typeof note === 'string' ? note.trim() : '';
}

/** Details of the kinds whose sentence does not state everything. */
const details: Partial<Record<ToldNotification['kind'], (facts: Facts) => string[]>> = {
  'share.received': (facts) =>
    lines(
      facts.number('count') > 1 && facts.listed('entries'),
      abilityOf(facts),
      facts.has('expiresOn') && m.notification_last_day({ day: facts.lastDay() }),
      facts.is('pending') && m.notification_pending({ project: facts.project }),
    ),
  'share.ending': (facts) =>
    lines(
      facts.number('count') > 1 && facts.listed('entries'),
      facts.number('peopleCount') > 1 && facts.people(),
    ),
  'share.joined': (facts) =>
    lines(
      facts.text('invited') !== facts.text('email') &&
        m.notification_share_joined_other({ invited: facts.text('invited') }),
    ),
  'entry.deleted': (facts) =>
    lines(facts.number('count') > 1 && facts.listed('names'), m.notification_entry_deleted_text()),
  'request.assigned': (facts) =>
    lines(
      facts.has('dueAt') && m.notification_due({ time: facts.moment('dueAt') }),
      facts.has('type') && m.notification_assigned_type({ type: facts.text('type') }),
      facts.has('company') && m.notification_assigned_company({ company: facts.text('company') }),
    ),
  'request.reminder': (facts) =>
    lines(facts.has('dueAt') && m.notification_due({ time: facts.moment('dueAt') })),
  'request.processed': (facts) =>
    lines(
      facts.has('person') &&
        m.notification_processed_by({
          count: facts.number('files'),
          round: facts.number('round'),
          person: facts.text('person'),
        }),
    ),
  'request.redelivery': (facts) =>
    lines(
      facts.names('reasons').length > 0 && m.notification_reasons({ names: facts.reasons() }),
      facts.number('findings') > 0 && m.notification_findings({ count: facts.number('findings') }),
    ),
  'request.promised': (facts) =>
    lines(facts.has('dueAt') && m.notification_due({ time: facts.moment('dueAt') })),
  'request.overridden': (facts) => lines(facts.listed('names')),
  'upload.idle': (facts) => lines(facts.listed('files')),
  'account.invitation': () => [m.mail_invitation_text()],
  'account.reset': () => [m.mail_reset_text()],
  'account.code': (facts) => [m.mail_code({ code: facts.text('code') }), m.mail_code_text()],
  'account.newDevice': (facts) => [
    m.notification_new_device_from({
      time: facts.moment('at'),
      address: facts.text('address') || m.sign_ins_unknown_address(),
    }),
    m.notification_new_device_not_you(),
  ],
  'account.passkeyCopied': (facts) => [
    m.notification_new_device_from({
      time: facts.moment('at'),
      address: facts.text('address') || m.sign_ins_unknown_address(),
    }),
    m.notification_passkey_copied_text(),
  ],
  'account.secondFactor': () => [m.notification_second_factor_not_you()],
  'account.passwordChanged': (facts) =>
    lines(
      facts.number('sessions') > 0 && m.account_ended_sessions({ count: facts.number('sessions') }),
      facts.number('tokens') > 0 && m.account_ended_tokens({ count: facts.number('tokens') }),
      m.notification_password_not_you(),
    ),
};

/** Leaves out lines that do not apply. */
function lines(...all: (string | false)[]): string[] {
  return all.filter((line) => line !== false && line !== '') as string[];
}

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
    const [what, day] = [facts.entries(), facts.lastDay()];
    if (!facts.is('mine')) return m.notification_share_ending({ what, day });
    return facts.number('peopleCount') > 1
      ? m.notification_share_ending_mine_many({ what, day, people: facts.peopleCount() })
      : m.notification_share_ending_mine({ what, day, person: facts.person() });
  },
  'share.ended': (facts: Facts) => {
    const entry = facts.text('entry');
    return facts.hasActor
      ? m.notification_share_ended_by({ actor: facts.actor, entry })
      : m.notification_share_ended({ entry });
  },
  'entry.deleted': (facts: Facts) => {
    const { actor } = facts;
    const count = facts.number('count');
    const [name = ''] = facts.names('names');
    return count > 1
      ? m.notification_entry_deleted_many({ actor, count })
      : m.notification_entry_deleted({ actor, name });
  },
  'entry.renamed': (facts: Facts) =>
    m.notification_entry_renamed({
      actor: facts.actor,
      before: facts.text('before'),
      name: facts.text('name'),
    }),
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
  'request.reopened': (facts: Facts) =>
    m.notification_request_reopened({ actor: facts.actor, request: facts.text('request') }),
  'request.cancelled': (facts: Facts) =>
    m.notification_request_cancelled({ actor: facts.actor, request: facts.text('request') }),
  'request.restored': (facts: Facts) =>
    m.notification_request_restored({ actor: facts.actor, request: facts.text('request') }),
  'request.promised': (facts: Facts) => {
    const about = { actor: facts.actor, request: facts.text('request') };
    return facts.has('promisedAt')
      ? m.notification_request_promised({ ...about, time: facts.moment('promisedAt') })
      : m.notification_request_promise_ended(about);
  },
  'request.overridden': (facts: Facts) => {
    const about = { actor: facts.actor, request: facts.text('request') };
    const count = facts.number('count');
    return count > 1
      ? m.notification_request_overridden_many({ ...about, count })
      : m.notification_request_overridden(about);
  },
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
  'account.newDevice': (facts: Facts) =>
    m.notification_account_new_device({
      device: deviceWords({ browser: facts.text('browser'), system: facts.text('system') }),
    }),
  'account.passkeyCopied': (facts: Facts) => m.notification_passkey_copied({ name: facts.text('name') }),
  'account.secondFactor': (facts: Facts) => secondFactorSentence(facts),
  'account.invitation': (facts: Facts) =>
    m.notification_account_invitation({ actor: facts.actor, project: facts.project }),
  'account.reset': () => m.notification_account_reset(),
  'account.code': () => m.notification_account_code(),
  'storage.stopped': (facts: Facts) => m.notification_storage_stopped({ count: facts.number('files') }),
  'storage.damaged': (facts: Facts) => m.notification_storage_damaged({ count: facts.number('count') }),
  'clock.distrusted': (facts: Facts) =>
    m.notification_clock_distrusted({ now: facts.moment('now'), then: facts.moment('believedAt') }),
  'backup.failed': (facts: Facts) =>
    m.notification_backup_failed({
      time: facts.moment('at'),
      why: backupFailureWord(facts.text('failure')),
    }),
};

function secondFactorSentence(facts: Facts): string {
  switch (facts.text('change')) {
    case 'on':
      return m.notification_second_factor_on();
    case 'codes':
      return m.notification_second_factor_codes();
    case 'passkeyOn':
      return m.notification_passkey_on();
    case 'passkeyOff':
      return m.notification_passkey_off();
    case 'identityOn':
      return m.notification_identity_on();
    case 'identityOff':
      return m.notification_identity_off();
    case 'wrongCode':
      return m.notification_second_factor_wrong_code();
    case 'reset':
      return m.notification_second_factor_reset({ actor: facts.actor });
    default:
      return m.notification_second_factor_off();
  }
}

function abilityOf(facts: Facts): string {
  const [canShare, canUpdate] = [facts.is('canShare'), facts.is('canUpdate')];
  const isMany = facts.number('count') > 1;
  if (canShare && canUpdate) {
    return isMany ? m.notification_can_share_update_many() : m.notification_can_share_update();
  }
  if (canShare) return isMany ? m.notification_can_share_many() : m.notification_can_share();
  if (canUpdate) return isMany ? m.notification_can_update_many() : m.notification_can_update();
  return isMany ? m.notification_can_download_many() : m.notification_can_download();
}
