/** Test data: a project with a request, a person of each role, and sample deliveries. */
import { writeFileSync, mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { and, count, eq, isNull, sum } from 'drizzle-orm';
import { inTransaction } from '@turnover/db/transaction';
import { assets } from '@turnover/db/schema/assets';
import { stageRuns } from '@turnover/db/schema/jobs';
import { deliveredFiles, requestAssignees, requests, rounds } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { HubError, type ErrorCode } from '@turnover/domain/errors';
import { nameKey } from '@turnover/domain/names/names';
import { roles, type Role } from '@turnover/domain/people/projects';
import type { RequestStatus } from '@turnover/domain/requests/machine';
import type { UploadStatus } from '@turnover/domain/workspace/uploads';
import type { DeliveryRequest } from '../access.ts';
import type { Person } from '../context.ts';
import { insertFile, insertFolderRow } from '../entries/tree.ts';
import { addDeliveredFile } from '../requests/files/files.ts';
import { currentRequest } from '../requests/transitions.ts';
import { testHub, type TestHub } from './hub.ts';

export type RequestScene = Awaited<ReturnType<typeof requestScene>>;

export async function requestScene(options: { onDisk?: boolean } = {}) {
  const hub = await testHub(options);
  const project = hub.createProject();
  const everybody = roles.map((role) => [role, hub.createPerson({ name: role, project, role })] as const);
  const people = Object.fromEntries(everybody) as Record<Role, Person>;
  return { hub, project, people, ...samplesFor(hub, project.id, people), close: () => hub.close() };
}

type People = Record<Role, Person>;

function samplesFor(hub: TestHub, projectId: string, people: People) {
  return {
    ...requestSamples(hub, projectId, people),
    ...entrySamples(hub, projectId),
    ...deliverySamples(hub, projectId, people),
    ...readings(hub),
  };
}

function requestSamples({ ctx, db }: TestHub, projectId: string, people: People) {
  /** Creates a request that is assigned to the partner and to the uploader. */
  function createRequest(facts: Partial<DeliveryRequest> = {}): DeliveryRequest {
    const request = db
      .insert(requests)
      .values({
        id: ctx.newId('request'),
        projectId,
        name: 'Sound mix',
        status: 'open',
        createdBy: people.coordinator.id,
        createdAt: ctx.clock(),
        updatedAt: ctx.clock(),
        ...facts,
      })
      .returning()
      .get();
    for (const person of [people.partner, people.uploader]) {
      db.insert(requestAssignees)
        .values({ id: ctx.newId('assignee'), requestId: request.id, userId: person.id })
        .run();
    }
    return request;
  }

  function put(request: Pick<DeliveryRequest, 'id'>, status: RequestStatus): void {
    db.update(requests).set({ status }).where(eq(requests.id, request.id)).run();
  }

  return { createRequest, put };
}

function entrySamples(hub: TestHub, projectId: string) {
  const { ctx, db } = hub;

  function createAsset(content = 'x', state: 'stored' | 'verifying' = 'stored'): string {
    return insertAsset(hub, content, state);
  }

  function createEntry(
    owner: Person,
    name: string,
    { parentId = null, assetId = null }: { parentId?: string | null; assetId?: string | null } = {},
  ): string {
    const place = { projectId, ownerId: owner.id, folderId: parentId };
    return inTransaction(db, (tx) => {
      if (assetId === null) return insertFolderRow(tx, ctx, place, name, { by: owner.id });
      const { sizeBytes } = tx.select().from(assets).where(eq(assets.id, assetId)).get()!;
      return insertFile(tx, ctx, place, { name, assetId, sizeBytes, state: 'stored' }, { by: owner.id });
    });
  }

  return { createAsset, createEntry };
}

function insertAsset({ ctx, db, storage }: TestHub, content: string, state: 'stored' | 'verifying'): string {
  const id = ctx.newId('asset');
  db.insert(assets).values({ id, sizeBytes: content.length, state, createdAt: ctx.clock() }).run();
  const path = storage.vaultPath(id);
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, content);
  return id;
}

function deliverySamples(hub: TestHub, projectId: string, people: People) {
  const { ctx, db } = hub;

  function deliver(
    request: Pick<DeliveryRequest, 'id'>,
    path: string,
    by: Person = people.partner,
    replace = false,
  ): string {
    const content = `${path} by ${by.name}`;
    const file = { path, assetId: insertAsset(hub, content, 'stored'), sizeBytes: content.length };
    return inTransaction(db, (tx) =>
      addDeliveredFile(tx, ctx, {
        request: currentRequest(tx, request.id),
        ...file,
        deliveredBy: by.id,
        replace,
      }),
    );
  }

  /** Adds a file with a new name, so that the round differs from the one before. */
  function deliverMore(request: Pick<DeliveryRequest, 'id'>): string {
    return deliver(request, `${ctx.newId('deliveredFile')}.txt`);
  }

  /** Closes the round with its present files, as a submit does. */
  function submitRound({ id }: Pick<DeliveryRequest, 'id'>, by: Person = people.partner): void {
    const { round } = currentRequest(db, id);
    db.insert(rounds)
      .values({ requestId: id, number: round, submittedAt: ctx.clock(), submittedBy: by.id })
      .run();
    db.update(requests).set({ status: 'submitted' }).where(eq(requests.id, id)).run();
  }

  /** Sends the round back and opens the next one. */
  function openNextRound({ id }: Pick<DeliveryRequest, 'id'>): void {
    const { round } = currentRequest(db, id);
    db.update(requests)
      .set({ status: 'redelivery', round: round + 1 })
      .where(eq(requests.id, id))
      .run();
  }

  function createUpload(
    request: Pick<DeliveryRequest, 'id'>,
    path: string,
    status: UploadStatus,
    assetId?: string,
  ): void {
    db.insert(uploads)
      .values({
        id: ctx.newId('upload'),
        projectId,
        userId: people.partner.id,
        requestId: request.id,
        path,
        pathKey: nameKey(path),
        relativePath: path,
        sizeBytes: 1,
        status,
        assetId: assetId ?? null,
        createdAt: ctx.clock(),
        updatedAt: ctx.clock(),
      })
      .run();
  }

  function startStage(request: DeliveryRequest, fileId: string): void {
    db.insert(stageRuns)
      .values({
        id: ctx.newId('stageRun'),
        requestId: request.id,
        fileId,
        round: request.round,
        position: 0,
        stage: 'checksum',
        mode: 'real',
        status: 'running',
        facts: {},
        createdAt: ctx.clock(),
      })
      .run();
  }

  return { deliver, deliverMore, submitRound, openNextRound, createUpload, startStage };
}

function readings({ db }: TestHub) {
  /** Counts the files of a request again, to compare with its stored counters. */
  function recount(request: Pick<DeliveryRequest, 'id'>) {
    const row = db
      .select({
        fileCount: count(),
        totalBytes: sum(assets.sizeBytes).mapWith(Number),
        manifestCount: sum(deliveredFiles.isManifest).mapWith(Number),
      })
      .from(deliveredFiles)
      .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
      .where(and(eq(deliveredFiles.requestId, request.id), isNull(deliveredFiles.removedAt)))
      .get()!;
    return { ...row, totalBytes: row.totalBytes ?? 0, manifestCount: row.manifestCount ?? 0 };
  }

  function countersOf(request: Pick<DeliveryRequest, 'id'>) {
    const { fileCount, totalBytes, manifestCount } = currentRequest(db, request.id);
    return { fileCount, totalBytes, manifestCount };
  }

  function pathsIn(request: Pick<DeliveryRequest, 'id'>): string[] {
    return db
      .select({ path: deliveredFiles.path })
      .from(deliveredFiles)
      .where(and(eq(deliveredFiles.requestId, request.id), isNull(deliveredFiles.removedAt)))
      .orderBy(deliveredFiles.pathKey)
      .all()
      .map(({ path }) => path);
  }

  return { recount, countersOf, pathsIn };
}

/** Returns the error of a refused action. Fails when the action is not refused. */
export async function refusalOf(
  action: () => unknown,
): Promise<{ code: ErrorCode; details: HubError['details'] }> {
  try {
    await action();
  } catch (error) {
    if (error instanceof HubError) return { code: error.code, details: error.details };
    throw error;
  }
  throw new Error('It was not refused.');
}
