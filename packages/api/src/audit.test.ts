/**
 * Every mutation of the router leaves its entry in the audit log, in the transaction of its first change. A mutation without
 * a line in `steps` fails, and so does one that succeeds without an entry, unless the domain names it with a reason.
 */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { TRPCError } from '@trpc/server';
import type { DeliveryRequest } from '@turnover/core/access';
import { storedSeals, allEntries, verifyAuditLog, type StoredEntry } from '@turnover/core/audit/verify';
import { claim, enqueue, fail } from '@turnover/core/jobs';
import { openOidcProvider } from '@turnover/core/oidc/provider';
import { hashPassword } from '@turnover/core/people/passwords';
import { newAuthenticatorKey, setUpSecondFactor } from '@turnover/core/people/second-factor';
import { codeAt, readKey, stepOf } from '@turnover/core/people/totp';
import { beginSession } from '@turnover/core/people/sign-in';
import type { Person } from '@turnover/core/context';
import { settingsFor } from '@turnover/core/testing/oidc-settings';
import { testPasskey } from '@turnover/core/testing/passkey';
import { requestScene, type RequestScene } from '@turnover/core/testing/requests';
import { inTransaction } from '@turnover/db/transaction';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import { notAudited } from '@turnover/domain/server/audit';
import { allProcedures } from './documentation.ts';
import { callersOf, type Caller } from './testing.ts';

type Input = Record<string, unknown>;
type Step = { by: Person; input?: Input };

const mutations = allProcedures().filter(({ type }) => type === 'mutation');

let scene: RequestScene;
let projectId: string;
let owner: Person;
let lead: Person;
let partner: Person;
let count = 0;
const origin = 'https://turnover.example';
/** A session: tokens may not call everything. */
const caller = { via: 'page', viaId: 'ses_test', address: '192.0.2.7' } as const;
const password = 'correct horse battery';

beforeAll(async () => {
  scene = await requestScene();
  const { hub, people, project } = scene;
  projectId = project.id;
  lead = people.coordinator;
  partner = people.partner;
  owner = hub.createPerson({ isOwner: true });
  const passwordHash = await hashPassword(password);
  sql('update users set password_hash = ?', passwordHash);
  sql('insert into hub (id, created_at) values (?, 0)', hub.ctx.newId('hub'));
  await as(lead).projects.update({ projectId, launchAt: hub.clock.now });
});
afterAll(() => scene.close());

function as(person: Person): Caller {
  return callersOf(scene.hub).callerOf(person, { hub: { ...scene.hub.ctx, caller: { ...caller, origin } } });
}

function sql(text: string, ...values: unknown[]): void {
  scene.hub.db.$client.prepare(text).run(...values);
}

function valueOf(text: string, ...values: unknown[]): string {
  return scene.hub.db.$client
    .prepare(text)
    .pluck()
    .get(...values) as string;
}

/** Nothing is asked of it. */
function connectProvider(): void {
  const { ctx } = scene.hub;
  const settings = settingsFor('https://login.example');
  ctx.oidc = { settings, provider: openOidcProvider(settings, ctx.clock, ctx.log) };
}

function insertIdentity({ id: userId }: Person): string {
  const identityId = scene.hub.ctx.newId('identity');
  sql(
    `insert into identities (id, user_id, issuer, subject, given, created_at)
     values (?, ?, 'https://login.example', ?, '{"owner":false,"roles":{},"companyId":null}', 0)`,
    identityId,
    userId,
    userId,
  );
  return identityId;
}

const name = () => `Thing ${++count}`;
const email = () => `new${++count}@example.test`;

/** A request with one file, in this status. */
function request(status: RequestStatus = 'open', facts: Partial<DeliveryRequest> = {}) {
  const made = scene.createRequest({ name: name(), ...facts });
  const fileId = scene.deliver(made, `${name()}.wav`);
  scene.put(made, status);
  return { requestId: made.id, fileId, made };
}

/** A request whose round is submitted and has one stage of one file. */
function withStage(status: 'failed' | 'running') {
  const failure = status === 'failed' ? 'crashed' : null;
  const { made, requestId, fileId } = request();
  scene.submitRound(made);
  scene.startStage(made, fileId);
  scene.put(made, status === 'failed' ? 'processed' : 'processing');
  sql(
    `update stage_runs set stage = 'inspect', status = ?, failure = ? where file_id = ?`,
    status,
    failure,
    fileId,
  );
  sql('update rounds set files_to_process = 1 where request_id = ?', requestId);
  return { requestId, fileId };
}

function deadJob(): string {
  const { ctx, db, clock } = scene.hub;
  inTransaction(db, (tx) => enqueue(tx, ctx, 'sendMails', { email: email() }));
  for (;;) {
    const job = claim(ctx)!;
    const isDead = fail(ctx, job, 'broken', 0, { giveUp: () => {}, retryLater: () => {} }) === 'dead';
    // Other steps have left jobs too.
    if (isDead && job.kind === 'sendMails') return job.id;
    clock.advance(3600_000);
  }
}

function file(of = partner): string {
  return scene.createEntry(of, `${name()}.wav`, { assetId: scene.createAsset(name()) });
}

async function trashed(): Promise<string> {
  const entryId = file();
  await as(partner).workspace.remove({ entryId });
  return entryId;
}

async function share(): Promise<{ shareId: string; entryId: string; friend: Person }> {
  const entryId = file();
  const friend = scene.hub.createPerson({ project: { id: projectId }, role: 'partner' });
  await as(partner).shares.create({ projectId, entryIds: [entryId], people: [friend.email] });
  const { shares: listed } = await as(partner).shares.list({ entryId });
  return { shareId: listed[0]!.id, entryId, friend };
}

async function finding(status: RequestStatus): Promise<{ pinId: string; requestId: string }> {
  const { requestId, fileId } = request('processed');
  const pins = [{ reason: 'wrong_file', fileId }];
  await as(lead).requests.askForRedelivery({ requestId, reasons: ['wrong_file'], pins });
  scene.put({ id: requestId }, status);
  return { pinId: valueOf('select id from reason_pins where request_id = ?', requestId), requestId };
}

const member = () => scene.hub.createPerson({ project: { id: projectId }, role: 'partner' });
const invitation = () =>
  as(lead).invitations.create({ projectId, email: email(), role: 'partner', companyId: null });
const type = () => as(lead).requestTypes.create({ projectId, name: name(), rules: {} });
const many = (status: RequestStatus): Step => ({
  by: lead,
  input: { projectId, requestIds: [request(status).requestId] },
});
const onRequest = (by: Person, status: RequestStatus, more: Input = {}): Step => ({
  by,
  input: { requestId: request(status).requestId, ...more },
});
async function extension(): Promise<{ extensionId: string; by: Person }> {
  const by = member();
  await as(by).retention.ask({ projectId, reason: 'Reels are missing' });
  return { extensionId: (await as(by).retention.get({ projectId })).extension!.id, by };
}
/** Sets up a second factor and returns its recovery codes. */
function secondFactor(person: Person): Promise<string[]> {
  const { hub } = scene;
  const key = newAuthenticatorKey();
  const code = codeAt(readKey(key), stepOf(hub.clock.now));
  return setUpSecondFactor(hub.as(person), { key, code, password });
}
async function signIn(person: Person): Promise<string> {
  await beginSession(scene.hub.ctx, person, { address: null, userAgent: '' });
  return valueOf('select id from sign_ins where user_id = ?', person.id);
}
async function view(): Promise<string> {
  return (await as(lead).savedViews.create({ projectId, name: name(), query: {} })).id;
}

/** A call of each mutation that succeeds and changes something. Each makes the things that it needs. */
const steps: Record<string, () => Step | Promise<Step>> = {
  'account.update': () => ({ by: member(), input: { name: name() } }),
  'account.changePassword': () =>
    withPassword((by) => ({ by, input: { current: password, next: 'another good one' } })),
  'account.sendEmailCode': () => ({ by: member() }),
  'account.confirmEmail': async () => {
    const by = member();
    const { newMailedCode } = await import('@turnover/core/people/email-proof');
    const { hub } = scene;
    return { by, input: { code: inTransaction(hub.db, (tx) => newMailedCode(tx, hub.ctx, by.id))! } };
  },
  'backups.make': () => {
    // Only one may wait.
    sql(`delete from jobs where kind = 'makeBackup'`);
    return { by: owner };
  },
  'backups.restore': () => {
    const backup = '2026-11-30T02-00-00.000Z.db';
    mkdirSync(scene.hub.ctx.backups.folder, { recursive: true });
    writeFileSync(join(scene.hub.ctx.backups.folder, backup), 'a database');
    scene.hub.ctx.pause = () => undefined;
    return { by: owner, input: { backup, password } };
  },
  'comments.create': () => onRequest(lead, 'open', { text: 'Seen' }),
  'comments.update': async () => {
    const { requestId } = request();
    const { id: commentId } = await as(lead).comments.create({ requestId, text: 'Seen' });
    return { by: lead, input: { commentId, text: 'Seen twice' } };
  },
  'comments.remove': async () => {
    const { requestId } = request();
    const { id: commentId } = await as(lead).comments.create({ requestId, text: 'Seen' });
    return { by: lead, input: { commentId } };
  },
  'companies.create': () => ({ by: owner, input: { name: name() } }),
  'companies.rename': () => ({
    by: owner,
    input: { companyId: scene.hub.createCompany(name()).id, name: name() },
  }),
  'companies.merge': () => ({
    by: owner,
    input: {
      companyId: scene.hub.createCompany(name()).id,
      intoCompanyId: scene.hub.createCompany(name()).id,
    },
  }),
  'invitations.create': () => ({
    by: lead,
    input: { projectId, email: email(), role: 'partner', companyId: null },
  }),
  'invitations.showLink': async () => ({
    by: lead,
    input: { projectId, invitationId: (await invitation()).id },
  }),
  'invitations.revoke': async () => ({
    by: lead,
    input: { projectId, invitationId: (await invitation()).id },
  }),
  'members.add': () => ({
    by: lead,
    input: { projectId, userId: scene.hub.createPerson().id, role: 'partner' },
  }),
  'members.setRole': () => ({ by: lead, input: { projectId, userId: member().id, role: 'reviewer' } }),
  'members.limitWorkspace': () => ({ by: lead, input: { projectId, userId: member().id, maxBytes: 1e9 } }),
  'members.remove': () => ({ by: lead, input: { projectId, userId: member().id } }),
  'notifications.markRead': () => ({
    by: lead,
    input: { notificationIds: [scene.hub.ctx.newId('notification')] },
  }),
  'notifications.updateSettings': () => ({ by: member(), input: { kind: 'share.received', mail: 'never' } }),
  'identities.begin': () => {
    connectProvider();
    return withPassword((by) => ({ by, input: { password } }));
  },
  'identities.remove': () =>
    withPassword((by) => ({ by, input: { identityId: insertIdentity(by), password } })),
  'passkeys.begin': () => withPassword((by) => ({ by, input: { password } })),
  'passkeys.add': () =>
    withPassword(async (by) => {
      const { options } = await as(by).passkeys.begin({ password });
      return { by, input: { name: 'Phone', answer: testPasskey(origin).register(options) } };
    }),
  'passkeys.remove': () =>
    withPassword(async (by) => {
      const [code, other] = await secondFactor(by);
      const { options } = await as(by).passkeys.begin({ password, code: other });
      const answer = testPasskey(origin).register(options);
      await as(by).passkeys.add({ name: 'Phone', answer });
      return { by, input: { passkeyId: (await as(by).passkeys.list())[0]!.id, password, code } };
    }),
  'pins.answer': async () => ({
    by: partner,
    input: { pinId: (await finding('redelivery')).pinId, answer: 'fixed' },
  }),
  'pins.check': async () => ({
    by: lead,
    input: { pinId: (await finding('processed')).pinId, checked: true },
  }),
  'projects.create': () => ({ by: owner, input: { name: name() } }),
  'projects.update': () => ({ by: lead, input: { projectId, subtitle: name() } }),
  'projects.limitSpace': () => ({ by: owner, input: { projectId, maxBytes: 9e12 } }),
  'projects.limitWorkspaces': () => ({ by: lead, input: { projectId, maxBytes: 8e12 } }),
  'reasons.create': () => ({
    by: owner,
    input: { name: name(), description: '', prevention: '', cure: '', severity: 'note', textRequired: false },
  }),
  'reasons.update': () => ({ by: owner, input: { code: 'missing_file', severity: 'note' } }),
  'reasons.order': async () => {
    const listed = await as(owner).reasons.list({});
    return { by: owner, input: { codes: listed.map(({ code }) => code).toReversed() } };
  },
  'requestFiles.makePreviews': () => {
    const { requestId, fileId } = request();
    return { by: lead, input: { requestId, fileIds: [fileId] } };
  },
  'requestFiles.matchRequests': () => ({
    by: partner,
    input: { projectId, selection: { entryIds: [file()] } },
  }),
  'requestFiles.checkFromWorkspace': () => onRequest(partner, 'open', { entryIds: [file()] }),
  'requestFiles.addFromWorkspace': () => onRequest(partner, 'open', { entryIds: [file()] }),
  'requestFiles.undoAdd': async () => {
    const { requestId } = request();
    // Otherwise the file of the request would count as added with it.
    scene.hub.clock.advance(1);
    const added = await as(partner).requestFiles.addFromWorkspace({ requestId, entryIds: [file()] });
    return { by: partner, input: { requestId, eventId: added.eventId } };
  },
  'requestFiles.compare': () => onRequest(partner, 'open', { files: [{ path: 'a.wav', sizeBytes: 1 }] }),
  'requestFiles.takeOver': () => {
    const { requestId, fileId, made } = request();
    scene.submitRound(made);
    scene.openNextRound(made);
    return { by: partner, input: { requestId, files: [{ fileId, path: `${name()}.wav` }] } };
  },
  'requestFiles.archive': () => onRequest(lead, 'open', { selection: { allExcept: [] } }),
  'requestFiles.rename': () => ({ by: partner, input: { fileId: request().fileId, name: `${name()}.wav` } }),
  'requestFiles.retryStage': () => ({
    by: lead,
    input: { fileId: withStage('failed').fileId, stage: 'inspect' },
  }),
  'requestFiles.skipStage': () => ({
    by: lead,
    input: {
      fileId: withStage('failed').fileId,
      stage: 'inspect',
      reason: 'Known',
    },
  }),
  'requestFiles.cancelStage': () => ({
    by: lead,
    input: { fileId: withStage('running').fileId, stage: 'inspect' },
  }),
  'requestFiles.treatableStages': () => onRequest(lead, 'processed', { selection: { allExcept: [] } }),
  'requestFiles.retryStages': () => {
    const { requestId, fileId } = withStage('failed');
    return { by: lead, input: { requestId, selection: { fileIds: [fileId] } } };
  },
  'requestFiles.skipStages': () => {
    const { requestId, fileId } = withStage('failed');
    const selection = { fileIds: [fileId] };
    return { by: lead, input: { requestId, selection, stage: 'inspect', reason: 'Known' } };
  },
  'requestFiles.remove': () => {
    const { requestId, fileId } = request();
    return { by: lead, input: { requestId, selection: { fileIds: [fileId] } } };
  },
  'requestFiles.clear': () => onRequest(lead, 'open'),
  'requestFiles.undoRemove': async () => {
    const { requestId, fileId } = request();
    const { undo } = await as(lead).requestFiles.remove({ requestId, selection: { fileIds: [fileId] } });
    return { by: lead, input: { requestId, undo: undo! } };
  },
  'requestFiles.restoreAll': async () => {
    const { requestId, fileId } = request();
    await as(lead).requestFiles.remove({ requestId, selection: { fileIds: [fileId] } });
    return { by: lead, input: { requestId } };
  },
  'requestFiles.restore': async () => {
    const { requestId, fileId } = request();
    await as(lead).requestFiles.remove({ requestId, selection: { fileIds: [fileId] } });
    return { by: lead, input: { fileId } };
  },
  'requestTypes.readSpecification': () => ({ by: lead, input: { projectId, text: specification } }),
  'requestTypes.create': () => ({ by: lead, input: { projectId, name: name(), rules: {} } }),
  'requestTypes.update': async () => {
    const { id: typeId, version } = await type();
    return { by: lead, input: { typeId, version, name: name() } };
  },
  'requests.create': () => ({ by: lead, input: { projectId, name: name(), assignees: [] } }),
  'requests.update': () => onRequest(lead, 'open', { name: name() }),
  'requests.assign': () => onRequest(lead, 'open', { assignees: [{ userId: partner.id }] }),
  'requests.promise': () =>
    onRequest(partner, 'open', { promisedAt: scene.hub.clock.now + 86_400_000, reason: 'Mixer is ill' }),
  'requests.remind': () => onRequest(lead, 'open'),
  'requests.createMany': () => ({
    by: lead,
    input: { projectId, requests: [{ name: name() }, { name: name() }] },
  }),
  'requests.takenNames': () => ({ by: lead, input: { projectId, names: [name()] } }),
  'requests.duplicate': () => onRequest(lead, 'open', { name: name() }),
  'requests.acceptMany': () => many('processed'),
  'requests.reopenMany': () => many('accepted'),
  'requests.cancelMany': () => many('open'),
  'requests.restoreMany': () => many('cancelled'),
  'requests.assignMany': () => ({
    by: lead,
    input: { projectId, requestIds: [request().requestId], assignees: [{ userId: member().id }] },
  }),
  'requests.setDueDates': () => ({
    by: lead,
    input: { projectId, dates: [{ requestId: request().requestId, dueAt: scene.hub.clock.now }] },
  }),
  'requests.setType': async () => onRequest(lead, 'open', { typeId: (await type()).id }),
  'requests.preFlight': () => onRequest(partner, 'open', { files: [{ path: 'mix.wav', sizeBytes: 1 }] }),
  'requests.overrideRule': async () => {
    const rules = { extensions: ['mov'], overridable: ['extension' as const] };
    const { id: typeId, version } = await as(lead).requestTypes.create({ projectId, name: name(), rules });
    const { requestId, fileId } = request('open', { typeId, typeVersion: version });
    const path = valueOf('select path from delivered_files where id = ?', fileId);
    return { by: partner, input: { requestId, rule: 'extension', path, reason: 'They have no other' } };
  },
  'requests.submit': () => onRequest(partner, 'open'),
  'requests.accept': () => onRequest(lead, 'processed'),
  'requests.reopen': () => onRequest(lead, 'accepted'),
  'requests.askForRedelivery': () => onRequest(lead, 'processed', { reasons: ['wrong_file'] }),
  'requests.cancel': () => onRequest(lead, 'open'),
  'requests.restore': () => onRequest(lead, 'cancelled'),
  'retention.ask': () => ({ by: member(), input: { projectId, reason: 'The mix is late' } }),
  'retention.withdraw': async () => {
    const { extensionId, by } = await extension();
    return { by, input: { projectId, extensionId } };
  },
  'retention.grant': async () => ({
    by: lead,
    input: { projectId, extensionId: (await extension()).extensionId, until: '2030-01-01' },
  }),
  'retention.decline': async () => ({
    by: lead,
    input: { projectId, extensionId: (await extension()).extensionId },
  }),
  'rounds.computeChecksums': () => {
    const { requestId, made } = request();
    scene.submitRound(made);
    return { by: lead, input: { requestId, number: 1, algorithms: ['md5'] } };
  },
  'savedViews.create': () => ({ by: lead, input: { projectId, name: name(), query: {} } }),
  'savedViews.update': async () => ({ by: lead, input: { viewId: await view(), name: name() } }),
  'savedViews.remove': async () => ({ by: lead, input: { viewId: await view() } }),
  'savedViews.restore': async () => {
    const viewId = await view();
    await as(lead).savedViews.remove({ viewId });
    return { by: lead, input: { viewId } };
  },
  'server.confirmClock': () => ({ by: owner, input: { now: scene.hub.clock.now } }),
  'server.examine': () => ({ by: owner }),
  'server.sendTestMail': () => {
    // No other mail to the owner may wait.
    scene.hub.db.$client.exec("update mails set status = 'sent'");
    return { by: owner };
  },
  'server.discardUploads': async () => {
    const { uploadId } = await as(partner).uploads.begin({
      projectId,
      filename: `${name()}.mov`,
      sizeBytes: 10,
    });
    return { by: owner, input: { uploadIds: [uploadId] } };
  },
  'server.retryJob': () => ({ by: owner, input: { jobId: deadJob() } }),
  'server.dismissJob': () => ({ by: owner, input: { jobId: deadJob() } }),
  'shares.create': () => ({
    by: partner,
    input: { projectId, entryIds: [file()], people: [member().email] },
  }),
  'shares.update': async () => ({
    by: partner,
    input: { shareId: (await share()).shareId, canUpdate: true },
  }),
  'shares.confirm': async () => {
    const { shareId } = await share();
    const waiting = member();
    const unbound = 'update shares set grantee_id = null, grantee_email = ?, claimant_id = ? where id = ?';
    sql(unbound, email(), waiting.id, shareId);
    return { by: partner, input: { shareId, userId: waiting.id } };
  },
  'shares.revoke': async () => ({ by: partner, input: { shareId: (await share()).shareId } }),
  'shares.restore': async () => {
    const { shareId } = await share();
    await as(partner).shares.revoke({ shareId });
    return { by: partner, input: { shareId } };
  },
  'shares.remind': async () => {
    const { shareId } = await share();
    scene.hub.clock.advance(2 * 86_400_000);
    return { by: partner, input: { shareId } };
  },
  'shares.removeFromList': async () => {
    const { shareId, friend } = await share();
    return { by: friend, input: { shareId } };
  },
  'shares.recordOpened': async () => {
    const { entryId, friend } = await share();
    return { by: friend, input: { entryId } };
  },
  'shares.verifyCopy': async () => {
    const { entryId, friend } = await share();
    const checksum = `md5:${'a'.repeat(32)}`;
    const insert = `insert into asset_checksums (asset_id, algorithm, value, source, at)
      select asset_id, 'md5', ?, 'computed', 0 from entries where id = ?`;
    sql(insert, 'a'.repeat(32), entryId);
    return { by: friend, input: { entryId, checksum } };
  },
  'secondFactor.remove': () =>
    withPassword(async (by) => ({ by, input: { password, code: (await secondFactor(by))[0] } })),
  'secondFactor.renewCodes': () =>
    withPassword(async (by) => ({ by, input: { password, code: (await secondFactor(by))[0] } })),
  'secondFactor.require': () => ({ by: owner, input: { roles: ['reviewer'] } }),
  'secondFactor.reset': () =>
    withPassword(async (by) => {
      await secondFactor(by);
      return { by: owner, input: { userId: by.id } };
    }),
  'signIns.end': async () => {
    const by = member();
    return { by, input: { signInId: await signIn(by) } };
  },
  'signIns.endOthers': async () => {
    const by = member();
    await signIn(by);
    return { by };
  },
  'signIns.endAny': async () => ({ by: owner, input: { signInId: await signIn(member()) } }),
  'signIns.endAllOf': async () => {
    const person = member();
    await signIn(person);
    return { by: owner, input: { userId: person.id } };
  },
  'tokens.create': () => withPassword((by) => ({ by, input: { name: 'Script', password } })),
  'tokens.revoke': () =>
    withPassword(async (by) => {
      const { id: tokenId } = await as(by).tokens.create({ name: 'Script', password });
      return { by, input: { tokenId } };
    }),
  'uploads.begin': () => ({ by: partner, input: { projectId, filename: `${name()}.mov`, sizeBytes: 10 } }),
  'uploads.checkNames': () => ({ by: partner, input: { projectId, paths: ['mix.wav'] } }),
  'uploads.discard': async () => {
    const { uploadId } = await as(partner).uploads.begin({
      projectId,
      filename: `${name()}.mov`,
      sizeBytes: 10,
    });
    return { by: partner, input: { uploadId } };
  },
  'users.update': () => ({ by: owner, input: { userId: member().id, disabled: true } }),
  'workspace.makePreviews': () => ({ by: partner, input: { projectId, entryIds: [file()] } }),
  'workspace.createFolder': () => ({ by: partner, input: { projectId, name: name() } }),
  'workspace.createFolders': () => ({ by: partner, input: { projectId, folderId: null, paths: [name()] } }),
  'workspace.rename': () => ({ by: partner, input: { entryId: file(), name: `${name()}.wav` } }),
  'workspace.restoreVersion': async () => {
    const entryId = file();
    const versionId = scene.hub.ctx.newId('entryVersion');
    addVersion(entryId, versionId);
    return { by: partner, input: { entryId, versionId } };
  },
  'workspace.archive': () => ({ by: partner, input: { projectId, selection: { entryIds: [file()] } } }),
  'workspace.previewMove': () => ({ by: partner, input: { projectId, selection: { entryIds: [file()] } } }),
  'workspace.move': () => ({
    by: partner,
    input: { projectId, selection: { entryIds: [file()] }, folderId: scene.createEntry(partner, name()) },
  }),
  'workspace.undoMove': async () => {
    const folderId = scene.createEntry(partner, name());
    const { undo: moves } = await as(partner).workspace.move({
      projectId,
      selection: { entryIds: [file()] },
      folderId,
    });
    return { by: partner, input: { projectId, moves } };
  },
  'workspace.remove': () => ({ by: partner, input: { entryId: file() } }),
  'workspace.previewRemoval': () => ({
    by: partner,
    input: { projectId, selection: { entryIds: [file()] } },
  }),
  'workspace.removeMany': () => ({ by: partner, input: { projectId, selection: { entryIds: [file()] } } }),
  'workspace.restore': async () => ({ by: partner, input: { entryId: await trashed() } }),
  'workspace.restoreMany': async () => ({ by: partner, input: { projectId, entryIds: [await trashed()] } }),
  'workspace.purge': async () => ({ by: partner, input: { projectId, entryIds: [await trashed()] } }),
  'workspace.emptyTrash': async () => {
    await trashed();
    return { by: partner, input: { projectId } };
  },
};

async function withPassword(step: (person: Person) => Step | Promise<Step>): Promise<Step> {
  const by = member();
  sql(
    'update users set password_hash = (select password_hash from users where id = ?) where id = ?',
    lead.id,
    by.id,
  );
  return step(by);
}

function addVersion(entryId: string, versionId: string): void {
  const insert = `insert into entry_versions (id, entry_id, asset_id, number, size_bytes, replaced_at, replaced_by)
    values (?, ?, ?, 1, 1, 0, ?)`;
  sql(insert, versionId, entryId, scene.createAsset(name()), partner.id);
}

const specification = JSON.stringify({
  id: 'house_hd',
  name: 'House HD',
  delivery_paradigm: 'file',
  assets: { video: { container: { allowed: ['mxf'] } } },
});

/** Mutations that only read. They are mutations because their input is too long for a URL. */
const readers = [
  'requestFiles.checkFromWorkspace',
  'requestFiles.compare',
  'requestFiles.matchRequests',
  'requestFiles.treatableStages',
  'requestTypes.readSpecification',
  'requests.preFlight',
  'requests.takenNames',
  'uploads.checkNames',
  'workspace.previewMove',
  'workspace.previewRemoval',
];

const entries = () => [...allEntries(scene.hub.db)];

async function run(path: string, { by, input }: Step): Promise<void> {
  const [noun, verb] = path.split('.') as [string, string];
  const procedures = as(by) as unknown as Record<
    string,
    Record<string, (input: unknown) => Promise<unknown>>
  >;
  await procedures[noun]![verb]!(input);
}

/** Everything in the database besides counted guesses, which a refusal must keep. */
function contents(): unknown[] {
  const { $client } = scene.hub.db;
  const names = $client
    .prepare("select name from sqlite_schema where type = 'table' and name not like 'sqlite_%' order by name")
    .pluck()
    .all() as string[];
  return names
    .filter((each) => each !== 'guesses')
    .map((each) => [each, $client.prepare(`select * from "${each}"`).all()]);
}

/** Has the database refuse entries of the audit log while `work` runs. */
async function withoutAuditLog(work: () => Promise<void>): Promise<void> {
  const { $client } = scene.hub.db;
  $client.exec(
    `create trigger no_audit before insert on audit_entries begin select raise(abort, 'no entry today'); end`,
  );
  try {
    await work();
  } finally {
    $client.exec('drop trigger no_audit');
  }
}

test('every mutation has a step', () => {
  expect(mutations.map(({ path }) => path).sort()).toEqual(Object.keys(steps).sort());
});

test('every exception is a mutation', () => {
  const paths = mutations.map(({ path }) => path);
  expect(paths).toEqual(expect.arrayContaining([...Object.keys(notAudited), ...readers]));
});

describe.each(mutations.map(({ path, rule }) => ({ path, rule })))('$path', ({ path, rule }) => {
  const leavesEntry = !readers.includes(path) && !Object.hasOwn(notAudited, path);

  test(leavesEntry ? 'leaves an entry' : 'leaves no entry', async () => {
    const step = await steps[path]!();
    const before = entries().length;
    await run(path, step);
    const left = entries().slice(before);
    if (!leavesEntry) return expect(left).toEqual([]);
    expect(left).toHaveLength(1);
    const { id, email: address } = step.by;
    expect(left[0]).toMatchObject({ action: path, actorId: id, actor: address, ...caller });
    expect(left[0]!.at).toBe(scene.hub.clock.now);
    const isOfProject = !['caller', 'hub'].includes(rule.noun) || step.input?.projectId !== undefined;
    expect(left[0]!.projectId).toBe(isOfProject ? projectId : null);
    expectBounded(left[0]!);
  });

  test.runIf(leavesEntry)('does nothing when the entry cannot be written', async () => {
    const step = await steps[path]!();
    const before = contents();
    await withoutAuditLog(async () => {
      await expect(run(path, step)).rejects.toThrow('no entry today');
    });
    expect(contents()).toEqual(before);
    await run(path, step);
    expect(entries().at(-1)).toMatchObject({ action: path, actorId: step.by.id });
  });
});

function expectBounded({ details, subject }: StoredEntry): void {
  expect(details.length).toBeLessThanOrEqual(4000);
  // The word itself would be allowed; the values of the steps are not.
  for (const secret of [password, 'another good one']) expect(details).not.toContain(secret);
  if (subject !== null) expect(subject).toMatch(/^([a-z]{3}_[a-z2-7]{26}|[a-z_]+)$/);
}

test('refused calls leave no entry', async () => {
  const stranger = scene.hub.createPerson();
  const before = entries().length;
  for (const { path, rule } of mutations) {
    if (rule.noun === 'caller' || Object.hasOwn(notAudited, path) || readers.includes(path)) continue;
    const step = await steps[path]!();
    const made = entries().length;
    await expect(run(path, { ...step, by: stranger }), path).rejects.toBeInstanceOf(TRPCError);
    expect(entries().length, path).toBe(made);
  }
  expect(entries().length).toBeGreaterThan(before);
});

test('a wrong password leaves the entry of a refusal, and not that of the act', async () => {
  const { by } = await withPassword((person) => ({ by: person }));
  const before = entries().length;
  await expect(as(by).tokens.create({ name: 'Script', password: 'wrong' })).rejects.toThrow();
  expect(entries().slice(before)).toMatchObject([
    { action: 'sessions.refuse', actorId: by.id, subject: by.id },
  ]);
});

test('a field that a procedure does not have is not written down', async () => {
  const { requestId } = request();
  const foreign = { requestId, role: 'owner', projectId: scene.hub.createProject().id };
  await as(lead).requests.cancel(foreign);
  expect(entries().at(-1)).toMatchObject({
    action: 'requests.cancel',
    projectId,
    subject: requestId,
    details: JSON.stringify({ requestId }),
  });
});

test('the log of all these calls is whole', async () => {
  const { db } = scene.hub;
  expect(await verifyAuditLog(allEntries(db), storedSeals(db))).toMatchObject({
    broken: null,
    entries: entries().length,
  });
});
