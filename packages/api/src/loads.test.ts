/** A command loads its request only twice: for the rule of its procedure, and in the transaction that decides. */
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { queryClient } from '@turnover/db/testing';
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

const requestById = /^select .* from "requests" where "requests"\."id" = \?/s;
const folderById = /^select .* from "entries" where "entries"\."id" = \?/s;
const fileById = /^select .* inner join "requests" .* where "delivered_files"\."id" = \?/s;

/** Counts the statements that load one row of this kind by its id. */
async function loadsOf(kind: RegExp, command: () => Promise<unknown>): Promise<number> {
  const prepare = vi.spyOn(queryClient(hub.db), 'prepare');
  await command();
  const statements = prepare.mock.calls.map(([sql]) => sql);
  prepare.mockRestore();
  return statements.filter((sql) => kind.test(sql)).length;
}

const redelivery = { reasons: ['audio_spec'], comment: 'Too loud', clearExisting: false };

const commands: [string, string, () => Promise<unknown>][] = [
  [
    'uploads.begin',
    'open',
    () => partner.uploads.begin({ projectId, requestId, filename: 'a.wav', sizeBytes: 1 }),
  ],
  ['requests.update', 'open', () => lead.requests.update({ requestId, description: 'In 5.1' })],
  ['requests.promise', 'open', () => partner.requests.promise({ requestId, promisedAt: 1, reason: 'Ill' })],
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

test.each(commands)('%s loads its request twice', async (_, status, command) => {
  hub.db.$client.prepare('update requests set status = ?').run(status);
  expect(await loadsOf(requestById, command)).toBe(2);
});

test('an upload into a folder loads the folder for its first check and in its transaction', async () => {
  const { id: folderId } = await partner.workspace.createFolder({ projectId, name: 'Stems' });
  const begin = () => partner.uploads.begin({ projectId, folderId, filename: 'b.wav', sizeBytes: 1 });
  expect(await loadsOf(folderById, begin)).toBe(2);
});

test('a rename loads the file for the rule, in its transaction, and for the result', async () => {
  hub.db.$client.prepare("update requests set status = 'open'").run();
  await lead.uploads.begin({ projectId, requestId, filename: 'empty.wav', sizeBytes: 0 });
  const { files } = await lead.requestFiles.list({ requestId });
  const rename = () => lead.requestFiles.rename({ fileId: files[0]!.id, name: 'silence.wav' });
  expect(await loadsOf(fileById, rename)).toBe(3);
});
