/** Generates docs/notifications.md from the notification table of domain, with an example of each text. */
import { audienceWords, notices } from '@turnover/domain/notification-table';
import { notificationKinds, type NotificationKind } from '@turnover/domain/notifications';
import {
  notificationDetails,
  notificationNote,
  notificationSentence,
  type ToldNotification,
} from '@turnover/messages/notification-words';

export function notificationsPage(): string {
  return `# Notifications: who hears of what

Written from \`packages/domain/src/notification-table.ts\` by \`npm run docs\`: do not edit it by hand. Nobody is notified of what
they did themselves. Notifications appear in the inbox (the bell). By e-mail they come as the person chose for each kind on the
account page: soon and gathered (the default), once a day, or never. Letters carry a link or a code, so they come by e-mail only.

| notification | when | who | inbox | e-mail | what it says, for example |
| --- | --- | --- | --- | --- | --- |
${notificationKinds.map(row).join('\n')}
`;
}

function row(kind: NotificationKind): string {
  const { when, to, inApp, mail, replaces, gathers } = notices[kind];
  const more = [
    ...(replaces ? [`Replaces an unread ${replaces.map((each) => `\`${each}\``).join(', ')}.`] : []),
    ...(gathers ? ['Repeated acts within ten minutes are counted in one.'] : []),
  ];
  const who = to.map((audience) => audienceWords[audience]).join('; ');
  const cells = [
    `\`${kind}\``,
    [`${when}.`, ...more].join(' '),
    who,
    inApp ? 'yes' : '–',
    mail === 'choice' ? 'as chosen' : 'always',
    textOf(kind),
  ];
  return `| ${cells.join(' | ')} |`;
}

/** The English text, as in a mail. */
function textOf(kind: NotificationKind): string {
  const example: ToldNotification = {
    kind,
    project: 'Northern Light',
    actor: null,
    data: {},
    ...exampleOf[kind],
  };
  const note = notificationNote(example);
  const lines = [notificationSentence(example, zone), ...notificationDetails(example, zone)];
  return [...lines, ...(note === '' ? [] : [`“${note}”`])].join('<br>');
}

const zone = { timeZone: 'UTC' };
const request = 'M&E, episode 203';
const day = Date.UTC(2026, 11, 5, 18);

type Example = Partial<Pick<ToldNotification, 'actor' | 'data'>>;
const byPat = (data: ToldNotification['data']): Example => ({ actor: 'Pat Kowalski', data });
const byCora = (data: ToldNotification['data']): Example => ({ actor: 'Cora Lindqvist', data });

/** One example of each text. */
export const exampleOf: Record<NotificationKind, Example> = {
  'share.received': byPat({
    entries: ['Reference', 'mix.wav'],
    count: 2,
    canShare: true,
    canUpdate: false,
    expiresOn: '2026-12-01',
    note: 'For the spotting session.',
  }),
  'share.reminder': byPat({ entry: 'Reference' }),
  'share.ending': {
    data: {
      mine: true,
      entries: ['Reference', 'mix.wav'],
      count: 2,
      people: ['Bob Marsh', 'June Marchetti'],
      peopleCount: 2,
      expiresOn: '2026-12-01',
    },
  },
  'share.ended': byPat({ entry: 'Reference' }),
  'share.joined': {
    actor: 'Bob Marsh',
    data: { entry: 'Reference', count: 1, email: 'bob@marsh.example', invited: 'bob@studio.example' },
  },
  'entry.deleted': { actor: 'June Marchetti', data: { names: ['take1.wav', 'take2.wav'], count: 2 } },
  'entry.renamed': { actor: 'June Marchetti', data: { before: 'take1.wav', name: 'take1_fixed.wav' } },
  'retention.warning': { data: { days: 7, expiresAt: day } },
  'retention.asked': byPat({ person: 'Pat Kowalski', reason: 'The conform takes a week longer.' }),
  'retention.granted': byCora({ until: day, answer: 'Until the conform is over.' }),
  'retention.declined': byCora({ answer: 'Please move it to your own storage.' }),
  'request.assigned': byCora({ request, dueAt: day, type: 'M&E stems', company: 'Blue Door Sound' }),
  'request.dueSoon': { data: { request, dueAt: day } },
  'request.reminder': byCora({ request, dueAt: day }),
  'request.submitted': byPat({ request }),
  'request.processed': { data: { request, files: 8, failed: 0, round: 2, person: 'Pat Kowalski' } },
  'request.redelivery': byCora({
    request,
    reasons: ['wrong_version', 'audio_spec'],
    reasonNames: ['', ''],
    findings: 3,
    note: 'The mix is version 3; version 4 is approved.',
  }),
  'request.accepted': byCora({ request }),
  'request.reopened': byCora({ request }),
  'request.cancelled': byCora({ request }),
  'request.restored': byCora({ request }),
  'request.promised': byPat({
    request,
    promisedAt: day + 86_400_000,
    dueAt: day,
    note: 'The foley is late.',
  }),
  'request.overridden': byPat({ request, names: ['ME_v4.wav'], count: 1, note: 'Agreed with Cora.' }),
  'request.comment': byPat({ request, mentioned: true, note: 'Which frame rate?' }),
  'upload.idle': { data: { count: 1, files: ['reel1.mov'], until: day } },
  'upload.discarded': { actor: 'Ines Albrecht', data: { file: 'reel1.mov' } },
  'account.passwordChanged': { data: { sessions: 2, tokens: 0, byLink: false } },
  'account.newDevice': { data: { browser: 'Firefox', system: 'macOS', address: '203.0.113.7', at: day } },
  'account.secondFactor': { data: { change: 'on' } },
  'account.passkeyCopied': { data: { name: 'Security key', at: day, address: '203.0.113.7' } },
  'account.invitation': byCora({}),
  'account.reset': {},
  'account.code': { data: { code: 'ABCD-EFGH' } },
  'storage.stopped': { data: { files: 120 } },
  'storage.damaged': { data: { count: 2 } },
  'clock.distrusted': { data: { now: day + 40 * 86_400_000, believedAt: day } },
  'backup.failed': { data: { at: day, failure: 'disk_full' } },
};
