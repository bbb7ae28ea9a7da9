/**
 * What people do with a request and its files, as one table: the permission each action takes, the statuses in which it is
 * possible, and what else must hold. Routers read the permission, services and buttons ask `refuseAction`, and
 * docs/request-states.md is written from it.
 */
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import type { Permission } from '../people/permissions.ts';
import { requestStatuses, type RequestStatus } from './machine.ts';

/** What the requirements need to know of a request at the moment somebody asks. */
export type RequestFacts = FileFacts & {
  /** 1 until the first redelivery is asked for. */
  round: number;
  fileCount: number;
  uploadingCount: number;
  /** Files whose last byte is there and whose hash is not yet. */
  verifyingCount: number;
  /** A list is demanded, and the lists that are there are still being read and compared. */
  isComparing: boolean;
};

/** The facts that are enough for actions on files. */
export type FileFacts = {
  status: RequestStatus;
  /** A manifest is demanded or was delivered: names and files belong together. */
  withChecksum: boolean;
  /** What makes it a request with a checksum: a list that is there, not only one that is demanded. */
  hasList?: boolean;
  /** Many files are being removed: until that ends, the contents of the request are not known. */
  isRemoving: boolean;
  /** A file that the action touches has a live processing job. */
  isProcessing?: boolean;
};

export type Refusal = { code: ErrorCode; details: ErrorDetails };

type FileRequirement = 'noneRemoving' | 'noneProcessing' | 'noChecksum';
type Requirement = 'noneRemoving' | 'hasFiles' | 'noneUploading' | 'noneVerifying' | 'noneComparing';

type ActionRow = {
  /** Null: only the hub itself does this. */
  permission: Permission | null;
  statuses: readonly RequestStatus[];
  /** Refused before the status is looked at, in this order. */
  first?: readonly FileRequirement[];
  /** Refused after the status, in this order. */
  requires?: readonly Requirement[];
  /** The status that it leads to, where it changes the status. */
  to?: RequestStatus | { firstRound: RequestStatus; laterRound: RequestStatus };
  /** The files whose processing jobs stand in the way: those that are chosen, or all of the request. */
  touches?: 'chosen' | 'all';
  /** Offered only where a file was delivered. The service accepts the action without one, and changes nothing. */
  offeredWithFiles?: true;
};

const changeable = ['open', 'redelivery'] as const;
const toSubmit = ['noneRemoving', 'hasFiles', 'noneUploading', 'noneVerifying', 'noneComparing'] as const;

export const actions = {
  update: { permission: 'request:update', statuses: requestStatuses },
  comment: { permission: 'request:comment', statuses: requestStatuses },
  assign: { permission: 'request:assign', statuses: changeable },
  promise: { permission: 'request:promise', statuses: requestStatuses },
  add: { permission: 'file:add', statuses: changeable, first: ['noneRemoving'] },
  rename: {
    permission: 'file:rename',
    statuses: changeable,
    first: ['noneRemoving', 'noneProcessing', 'noChecksum'],
    touches: 'chosen',
  },
  submit: { permission: 'request:submit', statuses: changeable, requires: toSubmit, to: 'submitted' },
  startProcessing: { permission: null, statuses: ['submitted'], to: 'processing' },
  finishProcessing: { permission: null, statuses: ['processing'], to: 'processed' },
  accept: { permission: 'request:accept', statuses: ['processed'], to: 'accepted' },
  reopen: { permission: 'request:reopen', statuses: ['accepted'], to: 'processed' },
  askForRedelivery: {
    permission: 'request:askForRedelivery',
    statuses: ['processed'],
    to: 'redelivery',
  },
  clear: {
    permission: 'file:clear',
    statuses: changeable,
    first: ['noneRemoving', 'noneProcessing'],
    touches: 'all',
    offeredWithFiles: true,
  },
  remove: {
    permission: 'file:remove',
    statuses: changeable,
    first: ['noneRemoving', 'noneProcessing', 'noChecksum'],
    touches: 'chosen',
  },
  cancel: { permission: 'request:cancel', statuses: changeable, to: 'cancelled' },
  restore: {
    permission: 'request:cancel',
    statuses: ['cancelled'],
    to: { firstRound: 'open', laterRound: 'redelivery' },
  },
  /** Findings are answered before the next round is submitted. */
  answer: { permission: 'request:answer', statuses: ['redelivery'] },
  /** Findings are ticked off when the next round is processed. */
  check: { permission: 'request:check', statuses: ['processed'] },
} as const satisfies Record<string, ActionRow>;

type Actions = typeof actions;
export type Action = keyof Actions;
/** Actions that change the status. */
export type RequestAction = { [A in Action]: Actions[A] extends { to: unknown } ? A : never }[Action];
/** Actions that only the hub itself does. */
type HubAction = { [A in Action]: Actions[A]['permission'] extends null ? A : never }[Action];
/** Actions that need no more facts than those of files. */
export type ContentAction = Exclude<Action, RequestAction>;
/** What `possible` of a request says: `rename` is asked of each file. */
export type PossibleAction = Exclude<Action, HubAction | 'rename'>;

export const actionNames = Object.keys(actions) as Action[];
export const requestActions = actionNames.filter(
  (name): name is RequestAction => rowOf(name).to !== undefined,
);
export const possibleActions = actionNames.filter(
  (name): name is PossibleAction => rowOf(name).permission !== null && name !== 'rename',
);

/** The row with all its columns, for those who read any action. */
export function rowOf(action: Action): ActionRow {
  return actions[action];
}

/** Whether files may be added, which is what the selector of a Workspace lists. */
export function takesFiles(status: RequestStatus): boolean {
  return rowOf('add').statuses.includes(status);
}

/** Why the action is not possible now, or null when it is. */
export function refuseAction(action: ContentAction, facts: FileFacts): Refusal | null;
export function refuseAction(action: Action, facts: RequestFacts): Refusal | null;
export function refuseAction(action: Action, facts: FileFacts | RequestFacts): Refusal | null {
  const { statuses, first = [], requires = [] } = rowOf(action);
  for (const requirement of first) {
    const refusal = fileChecks[requirement](facts, action);
    if (refusal) return refusal;
  }
  const { status } = facts;
  if (!statuses.includes(status)) return { code: 'status_forbids', details: { action, status } };
  for (const requirement of requires) {
    // By the overloads, whoever asks for an action with requirements knows all facts.
    const refusal = checks[requirement](facts as RequestFacts);
    if (refusal) return refusal;
  }
  return null;
}

/** Why the action is not offered on screen now, or null when it is. */
export function refuseOffer(action: Action, facts: RequestFacts): Refusal | null {
  const refusal = refuseAction(action, facts);
  if (refusal || !rowOf(action).offeredWithFiles || facts.fileCount > 0) return refusal;
  return { code: 'request_empty', details: {} };
}

/** The status that the action leads to now, or why it is not possible. */
export function nextStatus(action: RequestAction, facts: RequestFacts): RequestStatus | Refusal {
  const { to } = actions[action];
  if (typeof to === 'string') return refuseAction(action, facts) ?? to;
  return refuseAction(action, facts) ?? (facts.round === 1 ? to.firstRound : to.laterRound);
}

const stillRemoving: Refusal = { code: 'still_removing', details: {} };

const fileChecks: Record<FileRequirement, (facts: FileFacts, action: Action) => Refusal | null> = {
  noneRemoving: ({ isRemoving }) => (isRemoving ? stillRemoving : null),
  noneProcessing: ({ isProcessing }, action) =>
    isProcessing ? { code: 'processing_forbids', details: { action } } : null,
  noChecksum: ({ withChecksum, hasList = true }, action) =>
    withChecksum ? { code: 'checksum_forbids', details: { action, hasList } } : null,
};

const checks: Record<Requirement, (facts: RequestFacts) => Refusal | null> = {
  noneRemoving: ({ isRemoving }) => (isRemoving ? stillRemoving : null),
  hasFiles: ({ fileCount, uploadingCount }) =>
    fileCount + uploadingCount > 0 ? null : { code: 'request_empty', details: {} },
  noneUploading: ({ uploadingCount }) =>
    uploadingCount === 0 ? null : { code: 'still_uploading', details: { count: uploadingCount } },
  noneVerifying: ({ verifyingCount }) =>
    verifyingCount === 0 ? null : { code: 'still_verifying', details: { count: verifyingCount } },
  noneComparing: ({ isComparing }) => (isComparing ? { code: 'still_comparing', details: {} } : null),
};
