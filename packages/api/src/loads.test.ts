/** A command reads the request it is about twice: for the rule of its procedure, and in its transaction, where it decides. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { testApi, type ApiHub, type Caller } from './testing.ts';

let hub: ApiHub;
let lead: Caller;
let partner: Caller;
let projectId: string;
let requestId: string;
beforeAll(async () => {
  hub = await testApi();
  const project = hub.createProject();
  projectId = project.id;
  const assignee = hub.createPerson({ project, role: 'partner' });
  lead = hub.callerOf(hub.createPerson({ project, role: 'coordinator' }));
  partner = hub.callerOf(assignee);
  const input = { projectId, name: 'Sound mix', assignees: [{ userId: assignee.id }] };
  requestId = (await lead.requests.create(input)).id;
});
afterAll(() => hub.close());

/** How often a statement reads the row of one request by its id. */
async function loadsOf(command: () => Promise<unknown>): Promise<number> {
  const prepare = vi.spyOn(hub.db.$client, 'prepare');
  await command();
  const statements = prepare.mock.calls.map(([sql]) => sql);
  prepare.mockRestore();
  return statements.filter((sql) => /^select .* from "requests" where "requests"\."id" = \?/s.test(sql))
    .length;
}

const redelivery = { reasons: ['audio_spec'], comment: 'Too loud', clearExisting: false };

const commands: [string, string, () => Promise<unknown>][] = [
  [
    'uploads.begin',
    'open',
    () => partner.uploads.begin({ projectId, requestId, filename: 'a.wav', sizeBytes: 1 }),
  ],
  ['requests.update', 'open', () => lead.requests.update({ requestId, description: 'In 5.1' })],
  ['requests.promise', 'open', () => partner.requests.promise({ requestId, promisedAt: 1, reason: '' })],
  ['requests.assign', 'open', () => lead.requests.assign({ requestId, assignees: [] })],
  ['requests.accept', 'processed', () => lead.requests.accept({ requestId })],
  ['requests.reopen', 'accepted', () => lead.requests.reopen({ requestId })],
  [
    'requests.askForRedelivery',
    'processed',
    () => lead.requests.askForRedelivery({ requestId, ...redelivery }),
  ],
  ['requests.cancel', 'open', () => lead.requests.cancel({ requestId })],
  ['requests.restore', 'cancelled', () => lead.requests.restore({ requestId })],
  ['comments.create', 'open', () => lead.comments.create({ requestId, text: 'By Friday, please' })],
];

test.each(commands)('%s', async (_, status, command) => {
  hub.db.$client.prepare('update requests set status = ?').run(status);
  expect(await loadsOf(command)).toBe(2);
});
