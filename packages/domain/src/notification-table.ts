/**
 * Every kind of notification as one table: the cause, the recipients, and the channel. Core reads the table for each
 * notification, and docs/notifications.md prints it. Nobody is notified of their own actions.
 */
import type { NotificationKind } from './notifications.ts';

/** Groups of people around a request. */
export const requestAudiences = [
  'assignees',
  'coordinators',
  'coordinatorsOfOthersActs',
  'mentioned',
] as const;
export type RequestAudience = (typeof requestAudiences)[number];

/** Audiences outside a request: one person, or the owners of the hub. The notifying service passes their ids. */
export const directAudiences = [
  'sharee',
  'sharer',
  'workspaceOwner',
  'projectCoordinators',
  'uploader',
  'hubOwners',
  'accountHolder',
  'address',
] as const;
export type DirectAudience = (typeof directAudiences)[number];
export type Audience = RequestAudience | DirectAudience;

/** English descriptions of the audiences, for the documentation. */
export const audienceWords: Record<Audience, string> = {
  assignees: 'the assigned people, and the people of assigned companies',
  coordinators: 'the coordinators of the project',
  coordinatorsOfOthersActs: 'the coordinators of the project, unless one of them did it',
  mentioned: 'the people whom the comment mentions',
  sharee: 'the person it is shared with',
  sharer: 'the person who shared it',
  workspaceOwner: 'the owner of the Workspace',
  projectCoordinators: 'the coordinators of the project',
  uploader: 'the person who uploads',
  hubOwners: 'the owners of the hub',
  accountHolder: 'the person whose account it is',
  address: 'the mail address it is written to',
};

export type NoticeRow<To extends Audience = Audience> = {
  /** The cause, in English, for the documentation. */
  when: string;
  to: readonly To[];
  /** True when the notification appears in the inbox. */
  inApp: boolean;
  /** `choice`: the person's setting for this kind decides. `always`: sent at once, and nobody can turn it off. */
  mail: 'choice' | 'always';
  /** Kinds of unread notifications about the same request that this one deletes, because it says more. */
  replaces?: readonly NotificationKind[];
  /** Repeated actions of one person within `gatherNoticesMs` become one notification with a count. */
  gathers?: true;
};

/** For this long, further actions join an unread notification of a kind that gathers. */
export const gatherNoticesMs = 10 * 60_000;

type RequestKind = Extract<NotificationKind, `request.${string}`>;

/** The notifications about requests. Their audiences are computed from the request. */
export const requestNotices = {
  'request.assigned': aboutRequest('A request is assigned to a person or to their company', ['assignees']),
  'request.dueSoon': aboutRequest(
    'Three days and one day before the due date of a request that is not submitted; coordinators once it has passed',
    ['assignees', 'coordinators'],
  ),
  'request.reminder': aboutRequest('A coordinator reminds the assignees, once a day', ['assignees']),
  'request.submitted': aboutRequest(
    'A person submits a request. After an automatic submit there is only the notification that it is processed',
    ['coordinators'],
  ),
  'request.processed': {
    ...aboutRequest('All files of a round are processed', ['coordinators']),
    replaces: ['request.submitted'],
  },
  'request.redelivery': aboutRequest('Somebody asks for redelivery', [
    'assignees',
    'coordinatorsOfOthersActs',
  ]),
  'request.accepted': aboutRequest('A request is accepted', ['assignees']),
  'request.reopened': aboutRequest('An accepted request is reopened', ['assignees']),
  'request.cancelled': aboutRequest('A request is cancelled', ['assignees']),
  'request.restored': aboutRequest('A cancelled request is restored', ['assignees']),
  'request.promised': aboutRequest('An assignee promises a date, changes it or takes it back', [
    'coordinatorsOfOthersActs',
  ]),
  'request.overridden': {
    ...aboutRequest('An assignee overrides a rule of the request, with a reason', [
      'coordinatorsOfOthersActs',
    ]),
    gathers: true,
  },
  'request.comment': aboutRequest('Somebody comments on a request', [
    'mentioned',
    'assignees',
    'coordinators',
  ]),
} satisfies Record<RequestKind, NoticeRow<RequestAudience>>;

export const notices: Record<NotificationKind, NoticeRow> = {
  'share.received': direct(
    'Somebody shares entries with a person; one notification for everything shared at once',
    ['sharee'],
  ),
  'share.reminder': direct('The sharer reminds a person who has not picked up everything', ['sharee']),
  'share.ending': direct(
    'Seven days before a share ends; one day before when it was made for less. Never at the moment of sharing',
    ['sharee', 'sharer'],
  ),
  'share.ended': direct('Access to an entry is taken away', ['sharee']),
  'share.joined': direct('A person joins under another address than the one an entry was shared with', [
    'sharer',
  ]),
  'entry.deleted': {
    ...direct('Somebody else moves entries of a Workspace to its trash', ['workspaceOwner']),
    gathers: true,
  },
  'entry.renamed': direct('Somebody else renames an entry of a Workspace', ['workspaceOwner']),
  'retention.warning': direct('30, 7 and 1 days before a Workspace ends, if files would be lost', [
    'workspaceOwner',
  ]),
  'retention.asked': direct('Somebody asks to keep a Workspace longer', ['projectCoordinators']),
  'retention.granted': direct('A coordinator grants more time', ['workspaceOwner']),
  'retention.declined': direct('A coordinator grants no more time', ['workspaceOwner']),
  ...requestNotices,
  'upload.idle': direct('Before an unfinished upload loses its reserved space', ['uploader']),
  'upload.discarded': direct('Somebody else discards an unfinished upload', ['uploader']),
  'account.passwordChanged': alarm('The password of an account was changed', ['accountHolder']),
  'account.newDevice': alarm(
    'Somebody signs in with a browser that has not signed in to the account within half a year, except at the first sign-in',
    ['accountHolder'],
  ),
  'account.secondFactor': alarm(
    'A second factor is set up, changed or removed, or an owner of the hub resets it',
    ['accountHolder'],
  ),
  'account.passkeyCopied': alarm(
    'A sign-in with a passkey is refused, because its counter shows that somebody copied it',
    ['accountHolder'],
  ),
  'account.invitation': letter('Somebody is invited to a project', ['address']),
  'account.reset': letter('Somebody asks for a link to choose a new password', ['accountHolder']),
  'account.code': letter('Somebody asks for a code that proves their address', ['accountHolder']),
  'storage.stopped': direct('The clean-up of the storage stops and asks for a confirmation', ['hubOwners']),
  'storage.damaged': direct('The doctor or the scrubber finds damage that was not known', ['hubOwners']),
  'clock.distrusted': direct('The clock of the server is no longer believable', ['hubOwners']),
  'backup.failed': direct('A backup of the database was not made', ['hubOwners']),
};

function aboutRequest(when: string, to: readonly RequestAudience[]): NoticeRow<RequestAudience> {
  return { when, to, inApp: true, mail: 'choice' };
}

function direct(when: string, to: readonly DirectAudience[]): NoticeRow {
  return { when, to, inApp: true, mail: 'choice' };
}

/** Defines an alarm about an account: its mail goes out whatever the person chose. */
function alarm(when: string, to: readonly DirectAudience[]): NoticeRow {
  return { when, to, inApp: true, mail: 'always' };
}

/** Defines a letter. It carries a secret, so it goes to one address only and does not appear in the inbox. */
function letter(when: string, to: readonly DirectAudience[]): NoticeRow {
  return { when, to, inApp: false, mail: 'always' };
}
