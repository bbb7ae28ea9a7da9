/**
 * The request state machine through the API: every status × action × role × gate, generated from the tables of domain. The
 * outcome must match `possible` of `requests.get`, which decides the buttons of the page.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Person } from '@turnover/core/context';
import { decide, type Permission } from '@turnover/domain/people/permissions';
import { roles, type Role } from '@turnover/domain/people/projects';
import { actions as table, type PossibleAction } from '@turnover/domain/requests/actions';
import { requestStatuses, type RequestStatus } from '@turnover/domain/requests/machine';
import { call, testApi, type ApiHub } from './testing.ts';

let hub: ApiHub;
let projectId: string;
const people = new Map<Role, Person>();
let stranger: Person;

/** Obstacles other than the status. */
const gates = ['free', 'checksum', 'processing', 'uploading', 'removing', 'not assigned'] as const;
type Gate = (typeof gates)[number];

/** Actions that have tests elsewhere, because their outcome depends on more than the gates. */
type AttackedElsewhere =
  // Possible in every status; tested in access.test.ts.
  | 'update'
  | 'comment'
  // Possible once a day and only with assignees; tested in reminders.test.ts of core.
  | 'remind'
  // Needs an upload; tested in uploads.test.ts and deliver.test.ts of core.
  | 'add'
  // Need a finding; tested in findings.test.ts of core.
  | 'answer'
  | 'check';

const actions = {
  submit: { path: 'requests.submit', permission: table.submit.permission },
  accept: { path: 'requests.accept', permission: table.accept.permission },
  reopen: { path: 'requests.reopen', permission: table.reopen.permission },
  cancel: { path: 'requests.cancel', permission: table.cancel.permission },
  restore: { path: 'requests.restore', permission: table.restore.permission },
  askForRedelivery: { path: 'requests.askForRedelivery', permission: table.askForRedelivery.permission },
  assign: { path: 'requests.assign', permission: table.assign.permission },
  promise: { path: 'requests.promise', permission: table.promise.permission },
  clear: { path: 'requestFiles.clear', permission: table.clear.permission },
  remove: { path: 'requestFiles.remove', permission: table.remove.permission },
  retryStage: { path: 'requestFiles.retryStages', permission: table.retryStage.permission },
  skipStage: { path: 'requestFiles.skipStages', permission: table.skipStage.permission },
} satisfies Record<Exclude<PossibleAction, AttackedElsewhere>, { path: string; permission: Permission }>;
type Action = keyof typeof actions;

beforeAll(async () => {
  hub = await testApi();
  const project = hub.createProject();
  projectId = project.id;
  for (const role of roles) people.set(role, hub.createPerson({ project, role }));
  stranger = hub.createPerson();
});
afterAll(() => hub.close());

/** Requests that are reused: a refusal changes nothing, so its request serves the next case as well. */
const untouched = new Map<string, Promise<{ requestId: string; fileId: string }>>();

function requestIn(status: RequestStatus, gate: Gate): Promise<{ requestId: string; fileId: string }> {
  const key = `${status} ${gate}`;
  const made = untouched.get(key) ?? makeRequest(status, gate);
  untouched.set(key, made);
  return made;
}

async function makeRequest(
  status: RequestStatus,
  gate: Gate,
): Promise<{ requestId: string; fileId: string }> {
  const lead = hub.callerOf(people.get('coordinator')!);
  const assigned = gate === 'not assigned' ? [] : roles.filter((role) => role !== 'workspace');
  const assignees = assigned.map((role) => ({ userId: people.get(role)!.id }));
  const { id: requestId } = await lead.requests.create({ projectId, name: 'Mix', assignees });
  await lead.uploads.begin({ projectId, requestId, filename: 'mix.wav', sizeBytes: 0 });
  const { prepare } = { prepare: (sql: string) => hub.db.$client.prepare(sql) };
  prepare(`update uploads set status = 'complete' where request_id = ?`).run(requestId);
  const fileId = prepare('select id from delivered_files where request_id = ?')
    .pluck()
    .get(requestId) as string;
  // Stores a list: a list that is only demanded would also be a rule of the submit.
  if (gate === 'checksum') prepare('update requests set manifest_count = 1 where id = ?').run(requestId);
  if (gate === 'removing') {
    const removal = JSON.stringify({ allExcept: [], removal: 'cleared', actorId: '', at: 0, done: {} });
    prepare('update requests set removal = ? where id = ?').run(removal, requestId);
  }
  if (gate === 'uploading') {
    await lead.uploads.begin({ projectId, requestId, filename: 'late.wav', sizeBytes: 9 });
  }
  if (gate === 'processing') {
    prepare(
      `insert into stage_runs (id, request_id, file_id, round, position, stage, mode, status, progress, facts, created_at)
       values (?, ?, ?, 1, 0, 'checksum', 'real', 'running', 0, '{}', 0)`,
    ).run(hub.ctx.newId('stageRun'), requestId, fileId);
  }
  prepare('update requests set status = ? where id = ?').run(status, requestId);
  return { requestId, fileId };
}

/** Returns the refusal that the page shows: of the request, or of a file for actions on files. */
async function refusalOf(caller: ReturnType<ApiHub['callerOf']>, requestId: string, action: Action) {
  try {
    const { possible } = await caller.requests.get({ requestId });
    const { files } = await caller.requestFiles.list({ requestId });
    return action === 'remove' ? (files[0] ?? { possible }).possible.remove : possible[action];
  } catch {
    return { code: 'not_found' };
  }
}

function inputOf(action: Action, requestId: string): Record<string, unknown> {
  if (action === 'askForRedelivery') return { requestId, reasons: ['wrong_file'] };
  if (action === 'promise') return { requestId, promisedAt: 1, reason: 'The mix is late' };
  if (action === 'assign') return { requestId, assignees: [] };
  const selection = { allExcept: [] };
  if (action === 'skipStage') return { requestId, selection, stage: 'inspect', reason: 'Known' };
  return action === 'remove' || action === 'retryStage' ? { requestId, selection } : { requestId };
}

describe.each(gates)('%s', (gate) => {
  const cases = requestStatuses.flatMap((status) =>
    (Object.keys(actions) as Action[]).flatMap((action) => roles.map((role) => ({ status, action, role }))),
  );

  test.each(cases)('$status, $action, $role', async ({ status, action, role }) => {
    const { requestId } = await requestIn(status, gate);
    const caller = hub.callerOf(people.get(role)!);
    const { path, permission } = actions[action];
    const relation = { role, isOwner: false, assigned: gate !== 'not assigned' && role !== 'workspace' };
    const verdict = decide(permission, relation);
    const refusal = await refusalOf(caller, requestId, action);
    const outcome = await call(caller, path, inputOf(action, requestId));
    if (outcome === 'done') untouched.delete(`${status} ${gate}`);
    expect({ outcome: refusal?.code ?? 'done' }).toEqual({ outcome });
    if (verdict === 'hidden') expect(outcome).toBe('not_found');
    if (verdict === 'forbidden') expect(outcome).toBe('forbidden');
    expect(await call(hub.callerOf(stranger), path, inputOf(action, requestId))).toBe('not_found');
  });
});
