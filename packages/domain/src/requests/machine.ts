/** The life of a request as data: its statuses, what moves it from one to the next, and what may be done with its files. */
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { Permission } from '../people/permissions.ts';

export const requestStatuses = [
  'open',
  'submitted',
  'processing',
  'processed',
  'redelivery',
  'accepted',
  'cancelled',
] as const;
export type RequestStatus = (typeof requestStatuses)[number];

/** Actions that change the status. */
export const requestActions = [
  'submit',
  'startProcessing',
  'finishProcessing',
  'accept',
  'reopen',
  'askForRedelivery',
  'cancel',
  'restore',
] as const;
export type RequestAction = (typeof requestActions)[number];

/** Actions on what a request holds; they leave the status as it is. */
export const contentActions = ['add', 'rename', 'remove', 'clear', 'assign'] as const;
export type ContentAction = (typeof contentActions)[number];

/** What a gate needs to know of a request at the moment somebody asks. */
export type RequestFacts = {
  status: RequestStatus;
  /** 1 until the first redelivery is asked for. */
  round: number;
  /** A manifest is demanded or was delivered: names and files belong together (product.md, B10 and B11). */
  withChecksum: boolean;
  fileCount: number;
  uploadingCount: number;
  /** Files whose last byte is there and whose hash is not yet. */
  verifyingCount: number;
  /** Many files are on their way out: what is in the request is not known before they are. */
  isRemoving: boolean;
  /** A list is demanded, and the lists that are there are still being read and compared. */
  isComparing: boolean;
  /** What makes it a request with a checksum: a list that is there, not only one that is demanded. */
  hasList?: boolean;
};

export type Refusal = { code: ErrorCode; details: ErrorDetails };

type Requirement =
  | 'hasFiles'
  | 'noneUploading'
  | 'noneVerifying'
  | 'noneRemoving'
  | 'noneComparing'
  | 'firstRound'
  | 'laterRound';

type Transition = {
  from: RequestStatus;
  action: RequestAction;
  to: RequestStatus;
  /** `null`: only the hub itself does this. */
  permission: Permission | null;
  requires: readonly Requirement[];
};

const toSubmit = ['noneRemoving', 'hasFiles', 'noneUploading', 'noneVerifying', 'noneComparing'] as const;

export const transitions: readonly Transition[] = [
  { from: 'open', action: 'submit', to: 'submitted', permission: 'request:submit', requires: toSubmit },
  { from: 'redelivery', action: 'submit', to: 'submitted', permission: 'request:submit', requires: toSubmit },
  { from: 'submitted', action: 'startProcessing', to: 'processing', permission: null, requires: [] },
  { from: 'processing', action: 'finishProcessing', to: 'processed', permission: null, requires: [] },
  { from: 'processed', action: 'accept', to: 'accepted', permission: 'request:accept', requires: [] },
  { from: 'accepted', action: 'reopen', to: 'processed', permission: 'request:reopen', requires: [] },
  {
    from: 'processed',
    action: 'askForRedelivery',
    to: 'redelivery',
    permission: 'request:askForRedelivery',
    requires: [],
  },
  { from: 'open', action: 'cancel', to: 'cancelled', permission: 'request:cancel', requires: [] },
  { from: 'redelivery', action: 'cancel', to: 'cancelled', permission: 'request:cancel', requires: [] },
  {
    from: 'cancelled',
    action: 'restore',
    to: 'open',
    permission: 'request:cancel',
    requires: ['firstRound'],
  },
  {
    from: 'cancelled',
    action: 'restore',
    to: 'redelivery',
    permission: 'request:cancel',
    requires: ['laterRound'],
  },
];

type ContentRule = { permission: Permission; in: readonly RequestStatus[]; freezesWithChecksum: boolean };

const changeable = ['open', 'redelivery'] as const;

export const contentRules: Record<ContentAction, ContentRule> = {
  add: { permission: 'file:add', in: changeable, freezesWithChecksum: false },
  rename: { permission: 'file:rename', in: changeable, freezesWithChecksum: true },
  remove: { permission: 'file:remove', in: changeable, freezesWithChecksum: true },
  clear: { permission: 'file:clear', in: changeable, freezesWithChecksum: false },
  assign: { permission: 'request:assign', in: changeable, freezesWithChecksum: false },
};

/** Whether every file of a request in this status has a live processing job, or is about to get one. */
export function isBeingProcessed(status: RequestStatus): boolean {
  return status === 'submitted' || status === 'processing';
}

/** Whether files may be added, which is what the selector of a Workspace lists. */
export function takesFiles(status: RequestStatus): boolean {
  return contentRules.add.in.includes(status);
}

export const requestPermissions: Record<RequestAction, Permission | null> = Object.fromEntries(
  transitions.map(({ action, permission }) => [action, permission]),
) as Record<RequestAction, Permission | null>;

/** The status that `action` leads to now, or why it does not. */
export function nextStatus(action: RequestAction, facts: RequestFacts): RequestStatus | Refusal {
  const candidates = transitions.filter((row) => row.action === action && row.from === facts.status);
  let refusal: Refusal = { code: 'status_forbids', details: { action, status: facts.status } };
  for (const candidate of candidates) {
    const unmet = candidate.requires.map((requirement) => checks[requirement](facts)).find(Boolean);
    if (!unmet) return candidate.to;
    refusal = unmet;
  }
  return refusal;
}

/** Why `action` is not possible now, or null when it is. `fileIsProcessing`: the file at hand has a live job. */
export function refuseContentAction(
  action: ContentAction,
  facts: Pick<RequestFacts, 'status' | 'withChecksum' | 'hasList' | 'isRemoving'>,
  fileIsProcessing = false,
): Refusal | null {
  const rule = contentRules[action];
  if (facts.isRemoving && action !== 'assign') return { code: 'still_removing', details: {} };
  if (fileIsProcessing) return { code: 'processing_forbids', details: { action } };
  if (rule.freezesWithChecksum && facts.withChecksum)
    return { code: 'checksum_forbids', details: { action, hasList: facts.hasList ?? true } };
  if (!rule.in.includes(facts.status)) {
    return { code: 'status_forbids', details: { action, status: facts.status } };
  }
  return null;
}

/** Why `action` is not possible now, or null when it is. */
export function refuseRequestAction(action: RequestAction, facts: RequestFacts): Refusal | null {
  const next = nextStatus(action, facts);
  return typeof next === 'string' ? null : next;
}

const checks: Record<Requirement, (facts: RequestFacts) => Refusal | null> = {
  hasFiles: ({ fileCount, uploadingCount }) =>
    fileCount + uploadingCount > 0 ? null : { code: 'request_empty', details: {} },
  noneUploading: ({ uploadingCount }) =>
    uploadingCount === 0 ? null : { code: 'still_uploading', details: { count: uploadingCount } },
  noneVerifying: ({ verifyingCount }) =>
    verifyingCount === 0 ? null : { code: 'still_verifying', details: { count: verifyingCount } },
  noneRemoving: ({ isRemoving }) => (isRemoving ? { code: 'still_removing', details: {} } : null),
  noneComparing: ({ isComparing }) => (isComparing ? { code: 'still_comparing', details: {} } : null),
  firstRound: ({ round, status }) => (round === 1 ? null : wrongRound(status)),
  laterRound: ({ round, status }) => (round > 1 ? null : wrongRound(status)),
};

function wrongRound(status: RequestStatus): Refusal {
  return { code: 'status_forbids', details: { action: 'restore', status } };
}
