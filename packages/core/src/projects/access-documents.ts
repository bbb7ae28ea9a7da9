/** The security report of a project as two lists for spreadsheets: access, and protection. */
import { writeCsv } from '@turnover/domain/csv';
import {
  countFactors,
  type AccessPersonView,
  type AccessReportView,
} from '@turnover/domain/people/access-report';
import type { Role } from '@turnover/domain/people/projects';

const reasons: Record<Role, string> = {
  coordinator: 'coordinator: sees the whole project',
  reviewer: 'reviewer: sees all deliveries',
  partner: 'partner: sees the deliveries that are assigned to them or their company',
  uploader: 'uploader: sees assigned deliveries, and only their own files in them',
  workspace: 'Workspace only: sees no deliveries',
};
const ofOwner =
  'owner of the hub: manages people and space, sees no files and deliveries unless they join the project, which is recorded';

const columns = [
  'kind',
  'name',
  'email',
  'company',
  'why',
  'deliveries assigned',
  'since',
  'came by',
  'let in by',
  'second factor',
  'last sign-in',
  'sign-ins in force',
  'API tokens',
  'API token last used',
  'account',
] as const;

/** One line for each person and each open invitation. */
export function writeAccessCsv({ people, invitations }: AccessReportView): string {
  const invited = invitations.map(({ email, role, by, createdAt, expiresAt }) => ({
    kind: 'open invitation',
    email,
    why: reasons[role],
    since: moment(createdAt),
    'came by': 'invitation',
    'let in by': by ?? '',
    account: `invitation ends ${moment(expiresAt)}`,
  }));
  const lines: Partial<Record<(typeof columns)[number], string>>[] = [...people.map(lineOf), ...invited];
  return writeCsv([columns, ...lines.map((line) => columns.map((column) => line[column] ?? ''))]);
}

function lineOf(person: AccessPersonView) {
  const { user, role, isOwner, isDisabled, origin, by } = person;
  return {
    kind: role === null ? 'owner of the hub' : 'member',
    name: user.name,
    email: user.email,
    company: user.company ?? '',
    why: [role && reasons[role], isOwner && ofOwner].filter(Boolean).join('; '),
    'deliveries assigned': String(person.assigned),
    since: moment(person.since),
    'came by': role === null ? '' : origin,
    'let in by': by ?? '',
    'second factor': person.hasSecondFactor ? 'yes' : 'none',
    'last sign-in': moment(person.lastSignInAt),
    'sign-ins in force': String(person.sessions),
    'API tokens': String(person.apiTokens),
    'API token last used': moment(person.tokenUsedAt),
    account: isDisabled ? 'disabled' : 'active',
  };
}

/** `isEncrypted`: whether this report itself was asked for over https. */
export function writeProtectionCsv(
  { at, people, retention }: AccessReportView,
  project: { id: string; name: string },
  { isEncrypted }: { isEncrypted: boolean },
): string {
  const { launchAt, retentionDays, trashDays, backupsKept } = retention;
  const factors = countFactors(people);
  return writeCsv([
    ['what', 'state'],
    ['project', `${project.name} (${project.id})`],
    ['written at', moment(at)],
    [
      'encryption in transit',
      isEncrypted ? 'https at the address of the hub' : 'none: the hub is used over plain http',
    ],
    [
      'encryption at rest',
      'none by the hub: the disk of the data folder and of the backups must be encrypted',
    ],
    ['passwords', 'argon2id hashes'],
    ['sign-ins, API tokens and one-time links', 'stored as SHA-256 hashes'],
    [
      'second factors',
      `${factors.count} of ${factors.people} people with an account that is not disabled have one`,
    ],
    ['launch', moment(launchAt)],
    [
      'undelivered files',
      launchAt === null
        ? 'kept until somebody deletes them: the launch is not known'
        : `to the trash ${retentionDays} days after the launch`,
    ],
    ['trash and replaced versions', `deleted for good after ${trashDays} days, their bytes 7 days later`],
    ['backups of the database', backupsKept === null ? 'no scheduled backups' : `daily, ${backupsKept} kept`],
    [
      'audit log',
      'every change, sign-in, download and export; chained by hashes and sealed daily; the hub deletes none; after a restore, the log continues from the time of the backup, with an entry about the restore',
    ],
  ]);
}

function moment(at: number | null): string {
  return at === null ? '' : new Date(at).toISOString();
}
