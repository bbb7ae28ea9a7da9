// The data of the load benchmark: people with sign-ins, each with a full Workspace, in projects with deliveries. Rows are inserted
// with few statements, because making them is not what is measured. Only the file that people download has bytes.
import { randomBytes } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { Context, Person } from '../packages/core/src/context.ts';
import { insertAccount } from '../packages/core/src/people/accounts.ts';
import { beginSession, sessionCookieName } from '../packages/core/src/people/sign-in.ts';
import { addMember } from '../packages/core/src/projects/members.ts';
import { createProject } from '../packages/core/src/projects/projects.ts';
import { vaultFile } from '../packages/core/src/storage.ts';
import { assets } from '../packages/db/src/schema/assets.ts';
import { examinations } from '../packages/db/src/schema/damages.ts';
import { inTransaction } from '../packages/db/src/transaction.ts';

export type Amounts = { people: number; entries: number; requests: number; databaseBytes: number };
export type Visitor = {
  cookie: string;
  projectId: string;
  requestIds: string[];
  folderId: string;
  /** An entry whose bytes exist. */
  fileId: string;
};

const peopleOfProject = 20;
const filesOfRequest = 5;
const fileBytes = 8 * 1024 * 1024;
const eventBytes = 800;

export async function makeData(ctx: Context, dataFolder: string, amounts: Amounts): Promise<Visitor[]> {
  const withBytes = makeFile(ctx, dataFolder);
  const visitors: Visitor[] = [];
  const projects = Math.ceil(amounts.people / peopleOfProject);
  for (let number = 0; number < projects; number++) {
    const people = Array.from(
      { length: Math.min(peopleOfProject, amounts.people - visitors.length) },
      (_, index) => makePerson(ctx, `person-${number}-${index}@example.com`),
    );
    const owner = makePerson(ctx, `owner-${number}@example.com`, true);
    const { id: projectId } = createProject({ ...ctx, person: owner }, { name: `Film ${number}` });
    people.forEach(({ id: userId }, index) =>
      addMember(
        { ...ctx, person: owner },
        { projectId, userId, role: index < 2 ? 'coordinator' : 'partner' },
      ),
    );
    const requestIds = makeRequests(ctx, projectId, people, amounts.requests / projects);
    for (const [index, person] of people.entries()) {
      const { folderId, fileId } = makeWorkspace(
        ctx,
        projectId,
        withBytes,
        person,
        amounts.entries / amounts.people,
      );
      // A partner sees what is assigned to them; the others would see no deliveries.
      const own = requestIds.filter((_, each) => index < 2 || each % people.length === index);
      visitors.push({ cookie: await signIn(ctx, person), projectId, requestIds: own, folderId, fileId });
    }
  }
  skipExamination(ctx);
  fillUp(ctx, visitors, amounts.databaseBytes);
  ctx.db.$client.exec('analyze');
  return visitors;
}

function makeFile(ctx: Context, dataFolder: string): string {
  const id = addAsset(ctx);
  const file = vaultFile(dataFolder, id);
  mkdirSync(path.dirname(file), { recursive: true });
  writeFileSync(file, randomBytes(fileBytes), { mode: 0o600 });
  return id;
}

function addAsset({ db, newId, clock }: Context): string {
  const id = newId('asset');
  const at = clock();
  db.insert(assets)
    .values({ id, sizeBytes: fileBytes, state: 'stored', createdAt: at, publishedAt: at })
    .run();
  return id;
}

/** The hub would examine the folders at its start and report each file without bytes. */
function skipExamination({ db, clock }: Context): void {
  const at = clock();
  db.insert(examinations).values({ id: 'doctor', startedAt: at, endedAt: at }).run();
}

function makePerson(ctx: Context, email: string, isOwner = false): Person {
  const account = { name: email.split('@')[0]!, email, passwordHash: '', isOwner };
  return inTransaction(ctx.db, (tx) => insertAccount(tx, ctx, account));
}

async function signIn(ctx: Context, person: Person): Promise<string> {
  const { token } = await beginSession(ctx, person, { address: '127.0.0.1', userAgent: 'load' });
  return `${sessionCookieName(false)}=${token}`;
}

function makeRequests(ctx: Context, projectId: string, people: readonly Person[], count: number): string[] {
  const { db, newId, clock } = ctx;
  const request = db.$client.prepare(
    `insert into requests (id, project_id, name, status, due_at, file_count, total_bytes, created_by, created_at, updated_at)
     values (?, ?, ?, 'open', ?, ${filesOfRequest}, ${filesOfRequest * fileBytes}, ?, ?, ?)`,
  );
  const assignee = db.$client.prepare(
    `insert into request_assignees (id, request_id, user_id) values (?, ?, ?)`,
  );
  const file = db.$client.prepare(
    `insert into delivered_files (id, request_id, path, path_key, asset_id, delivered_by, added_at, added_round)
     values (?, ?, ?, ?, ?, ?, ?, 1)`,
  );
  const now = clock();
  const ids: string[] = [];
  inTransaction(db, () => {
    for (let number = 0; number < count; number++) {
      const id = newId('request');
      const person = people[number % people.length]!;
      request.run(
        id,
        projectId,
        `Reel ${number}`,
        now + (number - count / 2) * 3600_000,
        people[0]!.id,
        now,
        now,
      );
      assignee.run(newId('assignee'), id, person.id);
      for (let each = 0; each < filesOfRequest; each++) {
        const name = `reel_${number}_${each}.wav`;
        file.run(newId('deliveredFile'), id, name, name, addAsset(ctx), person.id, now);
      }
      ids.push(id);
    }
  });
  return ids;
}

/** Its last file has bytes. */
function makeWorkspace(
  ctx: Context,
  projectId: string,
  withBytes: string,
  person: Person,
  count: number,
): { folderId: string; fileId: string } {
  const { db, newId, clock } = ctx;
  const entry = db.$client.prepare(
    `insert into entries (id, project_id, owner_id, parent_id, kind, name, name_key, sort_key, rank, asset_id, size_bytes, file_count, item_count, created_at, updated_at)
     values (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
  );
  const now = clock();
  const folderId = newId('entry');
  let fileId = '';
  inTransaction(db, () => {
    entry.run(
      folderId,
      projectId,
      person.id,
      null,
      'folder',
      'Dailies',
      'dailies',
      'dailies',
      0,
      null,
      count * fileBytes,
      count,
      count,
      now,
      now,
    );
    for (let number = 0; number < count; number++) {
      fileId = newId('entry');
      const name = `clip_${String(number).padStart(6, '0')}.mov`;
      entry.run(
        fileId,
        projectId,
        person.id,
        folderId,
        'file',
        name,
        name,
        name,
        1,
        number < count - 1 ? addAsset(ctx) : withBytes,
        fileBytes,
        1,
        0,
        now,
        now,
      );
    }
  });
  return { folderId, fileId };
}

/** Adds history until the database has its size. */
function fillUp({ db, clock }: Context, visitors: readonly Visitor[], databaseBytes: number): void {
  const size = db.$client
    .prepare('select page_count * page_size from pragma_page_count, pragma_page_size')
    .pluck();
  const event = db.$client.prepare(
    `insert into events (at, kind, lasting, project_id, request_id, data) values (?, 'request.updated', 1, ?, ?, ?)`,
  );
  const data = JSON.stringify({ fields: ['description'], note: 'x'.repeat(eventBytes) });
  while (Number(size.get()) < databaseBytes) {
    inTransaction(db, () => {
      for (let turn = 0; turn < 20_000; turn++) {
        const { projectId, requestIds } = visitors[turn % visitors.length]!;
        event.run(clock(), projectId, requestIds[turn % requestIds.length] ?? null, data);
      }
    });
  }
}
