/**
 * All actions on a request and its files as one table: the permission that each needs, the statuses that allow it, and its
 * requirements. Routers read the permission, services and buttons call `refuseAction`, and docs/request-states.md is generated
 * from the table.
 */
import type { ErrorCode, ErrorDetails } from '../errors.ts';
import { roleGrants, type Permission } from '../people/permissions.ts';
import type { Role } from '../people/projects.ts';
import { requestStatuses, type RequestStatus } from './machine.ts';

/** The current facts about a request that the requirements check. */
export type RequestFacts = FileFacts & {
  /** 1 until somebody asks for the first redelivery. */
  round: number;
  fileCount: number;
  uploadingCount: number;
  /** Number of files that have arrived completely but whose checksum is not known yet. */
  verifyingCount: number;
  /** True when a checksum list is demanded and the delivered lists are still being read and compared. */
  isComparing: boolean;
  /** Number of unresolved findings of earlier rounds whose reason is a blocker. */
  openBlockers: number;
};

/** The facts that actions on files need. */
export type FileFacts = {
  status: RequestStatus;
  /** A checksum list is demanded or delivered, so files can change only as a whole. */
  withChecksum: boolean;
  /** A checksum list is delivered, not only demanded. */
  hasList?: boolean;
  /** The worker is removing many files. Until it ends, the contents of the request are not final. */
  isRemoving: boolean;
  /** A file that the action touches has a live processing job. */
  isProcessing?: boolean;
};

/** Why an action may not be possible now. */
export const refusalCodes = [
  'forbidden',
  'status_forbids',
  'stage_forbids',
  'processing_forbids',
  'checksum_forbids',
  'request_empty',
  'name_taken',
  'still_removing',
  'still_uploading',
  'still_verifying',
  'still_comparing',
  'findings_open',
] as const satisfies ErrorCode[];
export type RefusalCode = (typeof refusalCodes)[number];
export type Refusal = { code: RefusalCode; details: ErrorDetails };

type FileRequirement = 'noneRemoving' | 'noneProcessing' | 'noChecksum';
type Requirement =
  'noneRemoving' | 'hasFiles' | 'noneUploading' | 'noneVerifying' | 'noneComparing' | 'noOpenBlockers';

type ActionRow = {
  /** Null: only the hub itself performs the action. */
  permission: Permission | null;
  statuses: readonly RequestStatus[];
  /** Requirements that are checked before the status, in this order. */
  first?: readonly FileRequirement[];
  /** Requirements that are checked after the status, in this order. */
  requires?: readonly Requirement[];
  /** The next status, for actions that change it. */
  to?: RequestStatus | { firstRound: RequestStatus; laterRound: RequestStatus };
  /** The files whose processing jobs prevent the action: the chosen ones, or all files of the request. */
  touches?: 'chosen' | 'all';
  /** The action is offered only when the request has files. Without files, the service accepts it and changes nothing. */
  offeredWithFiles?: true;
};

const changeable = ['open', 'redelivery'] as const;
const toSubmit = ['noneRemoving', 'hasFiles', 'noneUploading', 'noneVerifying', 'noneComparing'] as const;

export const actions = {
  update: { permission: 'request:update', statuses: requestStatuses },
  comment: { permission: 'request:comment', statuses: requestStatuses },
  assign: { permission: 'request:assign', statuses: changeable },
  promise: { permission: 'request:promise', statuses: changeable },
  /** At most once a day, while the house waits for files. */
  remind: { permission: 'request:remind', statuses: changeable },
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
  /** Happens when a stage of a processed round has to run again. */
  resumeProcessing: { permission: null, statuses: ['processed'], to: 'processing' },
  retryStage: { permission: 'file:process', statuses: ['processing', 'processed'] },
  skipStage: { permission: 'file:process', statuses: ['processing', 'processed'] },
  cancelStage: { permission: 'file:process', statuses: ['processing'] },
  accept: {
    permission: 'request:accept',
    statuses: ['processed'],
    requires: ['noOpenBlockers'],
    to: 'accepted',
  },
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
  /** Unresolved findings must be answered before the next round is submitted. */
  answer: { permission: 'request:answer', statuses: ['redelivery'] },
  /** Findings are resolved when a later round is processed; unresolved ones carry over from round to round. */
  check: { permission: 'request:check', statuses: ['processed'] },
} as const satisfies Record<string, ActionRow>;

type Actions = typeof actions;
export type Action = keyof Actions;
/** Actions that change the status. */
export type RequestAction = { [A in Action]: Actions[A] extends { to: unknown } ? A : never }[Action];
/** Actions that only the hub itself performs. */
type HubAction = { [A in Action]: Actions[A]['permission'] extends null ? A : never }[Action];
/** Actions for which `FileFacts` are enough. */
export type ContentAction = Exclude<Action, RequestAction>;
/**
 * Actions that are listed for each file instead of the request. Retrying and skipping stages also exist for several
 * files, so they are not among them.
 */
type FileAction = 'rename' | 'cancelStage';
/** The actions listed in `possible` of a request. */
export type PossibleAction = Exclude<Action, HubAction | FileAction>;

const fileActions: readonly Action[] = ['rename', 'cancelStage'] satisfies FileAction[];
export const actionNames = Object.keys(actions) as Action[];
export const requestActions = actionNames.filter(
  (name): name is RequestAction => rowOf(name).to !== undefined,
);
export const possibleActions = actionNames.filter(
  (name): name is PossibleAction => rowOf(name).permission !== null && !fileActions.includes(name),
);

/** The row of an action, with all its columns typed. */
export function rowOf(action: Action): ActionRow {
  return actions[action];
}

/** Returns true when files can be added in this status. */
export function takesFiles(status: RequestStatus): boolean {
  return rowOf('add').statuses.includes(status);
}

/** Returns why the action is not possible now, or null when it is. */
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
    // The overloads guarantee that all facts are passed for actions with requirements.
    const refusal = checks[requirement](facts as RequestFacts);
    if (refusal) return refusal;
  }
  return null;
}

/** Returns why the action is not offered on screen now, or null when it is. */
export function refuseOffer(action: Action, facts: RequestFacts): Refusal | null {
  const refusal = refuseAction(action, facts);
  if (refusal || !rowOf(action).offeredWithFiles || facts.fileCount > 0) return refusal;
  return { code: 'request_empty', details: {} };
}

/**
 * Returns the actions that a list offers for a request: null when the status allows the action, or else why not. Omits
 * actions that the role may never do. The service finds obstacles other than the status.
 */
export function offersIn(status: RequestStatus, role: Role | null): Map<PossibleAction, Refusal | null> {
  const offered = possibleActions.filter((action) => roleGrants(role, false, actions[action].permission));
  return new Map(
    offered.map((action) => {
      const isPossible = rowOf(action).statuses.includes(status);
      return [action, isPossible ? null : { code: 'status_forbids', details: { action, status } }];
    }),
  );
}

/** Returns the status that the action leads to now, or why it is not possible. */
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
  noOpenBlockers: ({ openBlockers }) =>
    openBlockers === 0 ? null : { code: 'findings_open', details: { count: openBlockers } },
};
