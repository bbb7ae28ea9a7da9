/** A hub for tests: real SQLite, real files in a temporary folder, and a clock that tests can set. */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Database } from '@turnover/db/open';
import { openTestDatabase } from '@turnover/db/testing';
import { companies, users } from '@turnover/db/schema/accounts';
import { memberships, projects } from '@turnover/db/schema/projects';
import { nameKey } from '@turnover/domain/names/names';
import type { Role } from '@turnover/domain/people/projects';
import type { Project } from '../access.ts';
import type { Context, Limits, Person, PersonContext } from '../context.ts';
import { idsFrom } from '../ids.ts';
import { openLocalStorage, type LocalStorage } from '../storage.ts';
import { roomyLimits } from './limits.ts';

export type TestClock = { now: number; advance(ms: number): void };

export type NewPerson = {
  name?: string;
  email?: string;
  isOwner?: boolean;
  companyId?: string;
  /** Makes the person a member of this project, with `role`. */
  project?: Pick<Project, 'id'>;
  role?: Role;
};

export type TestHub = {
  ctx: Context;
  db: Database;
  clock: TestClock;
  /** The path of the data folder. */
  folder: string;
  storage: LocalStorage;
  logged: { level: string; event: string; facts?: Record<string, unknown> | undefined }[];
  as(person: Person): PersonContext;
  createPerson(person?: NewPerson): Person;
  createCompany(name?: string): { id: string; name: string };
  createProject(name?: string): Project;
  addMember(project: Pick<Project, 'id'>, person: Pick<Person, 'id'>, role: Role): void;
  close(): void;
};

const beginning = Date.UTC(2026, 0, 12, 9);

/**
 * With `onDisk`, the database is the file `turnover.db` in the folder, for tests with a second connection or process.
 * `within` names a disk of the test for the folder.
 */
export async function testHub(
  options: { onDisk?: boolean; within?: string | undefined; limits?: Partial<Limits> } = {},
): Promise<TestHub> {
  const folder = mkdtempSync(join(options.within ?? tmpdir(), 'turnover-test-'));
  const db = openTestDatabase(options.onDisk ? join(folder, 'turnover.db') : undefined);
  const storage = await openLocalStorage(folder);
  const clock: TestClock = {
    now: beginning,
    advance(ms) {
      clock.now += ms;
    },
  };
  const logged: TestHub['logged'] = [];
  const read = () => clock.now;
  const ctx: Context = {
    db,
    clock: read,
    newId: idsFrom(read),
    storage,
    limits: { ...roomyLimits, ...options.limits },
    backups: { folder: join(folder, 'backups'), at: { hours: 2, minutes: 0 }, kept: 3 },
    mail: { configured: true },
    log: (level, event, facts) => logged.push({ level, event, facts }),
  };
  return {
    ctx,
    db,
    clock,
    folder,
    storage,
    logged,
    ...sampleRows(ctx),
    as: (person) => ({ ...ctx, person }),
    close() {
      db.$client.close();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** Inserts rows as the services do, but directly, so that a test of one service does not depend on another. */
function sampleRows(ctx: Context) {
  let count = 0;
  const addMember: TestHub['addMember'] = (project, person, role) => {
    ctx.db
      .insert(memberships)
      .values({
        id: ctx.newId('membership'),
        projectId: project.id,
        userId: person.id,
        role,
        createdAt: ctx.clock(),
      })
      .run();
  };
  return {
    addMember,
    createCompany(name = `Company ${++count}`) {
      const company = { id: ctx.newId('company'), name };
      ctx.db
        .insert(companies)
        .values({ ...company, nameKey: nameKey(name), createdAt: ctx.clock() })
        .run();
      return company;
    },
    createProject(name = `Project ${++count}`): Project {
      const project = { id: ctx.newId('project'), name, createdAt: ctx.clock() };
      return ctx.db.insert(projects).values(project).returning().get();
    },
    createPerson(wanted: NewPerson = {}): Person {
      const name = wanted.name ?? `Person ${++count}`;
      const person: Person = {
        id: ctx.newId('user'),
        name,
        email: wanted.email ?? `${name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '.')}@example.test`,
        isOwner: wanted.isOwner ?? false,
        companyId: wanted.companyId ?? null,
        locale: null,
      };
      ctx.db
        .insert(users)
        .values({ ...person, createdAt: ctx.clock() })
        .run();
      if (wanted.project) addMember(wanted.project, person, wanted.role ?? 'partner');
      return person;
    },
  };
}
