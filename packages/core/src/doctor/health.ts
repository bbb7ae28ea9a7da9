/** The health of the hub for its owners. */
import { and, count, desc, eq, gt, inArray, isNotNull, ne, sql, sum, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { users } from '@turnover/db/schema/accounts';
import { assetPreviews, assets, spaceUsed } from '@turnover/db/schema/assets';
import { damages } from '@turnover/db/schema/damages';
import { projects } from '@turnover/db/schema/projects';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { uploads } from '@turnover/db/schema/uploads';
import { dayMs } from '@turnover/domain/days';
import { damagesByReading } from '@turnover/domain/server/damages';
import {
  maxListedDamages,
  maxListedProjects,
  type DamageView,
  type HealthView,
} from '@turnover/domain/server/health';
import type { PersonContext } from '../context.ts';
import { findMembership } from '../people/memberships.ts';
import { lastExamination } from './examinations.ts';

export async function describeHealth(ctx: PersonContext): Promise<HealthView> {
  const { db, storage } = ctx;
  return {
    storage: {
      kinds: storageByKind(db),
      freeBytes: await storage.freeBytes(),
      projects: largestProjects(db),
    },
    doctor: describeDoctor(ctx),
    scrubber: describeScrubber(ctx),
    damages: describeDamages(ctx),
  };
}

/** `space_used` counts each asset once, also while it waits to be freed. Trash and replaced versions are parts of the Workspaces. */
function storageByKind(db: Reader): HealthView['storage']['kinds'] {
  const used = (isOfOwner: SQL) =>
    bytesOf(
      db
        .select({ bytes: sum(spaceUsed.bytes) })
        .from(spaceUsed)
        .where(isOfOwner)
        .get(),
    );
  const stored = (...which: SQL[]) =>
    bytesOf(
      db
        .select({ bytes: sum(assets.sizeBytes) })
        .from(assets)
        .where(and(...which))
        .get(),
    );
  const isOwned = isNotNull(assets.ownerId);
  const isUnused = and(isNotNull(assets.unreferencedAt), inArray(assets.state, ['stored', 'quarantined']))!;
  const trash = stored(
    isOwned,
    sql`${assets.id} in (select asset_id from entries where deleted_at is not null)`,
    sql`not exists (select 1 from entries where asset_id = ${assets.id} and deleted_at is null)`,
  );
  const versions = stored(
    isOwned,
    sql`${assets.id} in (select asset_id from entry_versions)`,
    sql`not exists (select 1 from entries where asset_id = ${assets.id})`,
  );
  const unusedOwned = stored(isUnused, isOwned);
  const unused = stored(isUnused);
  const owned = used(ne(spaceUsed.ownerId, ''));
  const all = used(eq(spaceUsed.ownerId, ''));
  return {
    deliveries: all - owned - (unused - unusedOwned),
    workspaces: owned - trash - versions - unusedOwned,
    trash,
    versions,
    unused,
    previews: bytesOf(
      db
        .select({ bytes: sum(assetPreviews.sizeBytes) })
        .from(assetPreviews)
        .get(),
    ),
    unfinished: bytesOf(
      db
        .select({ bytes: sum(uploads.durableOffset) })
        .from(uploads)
        .where(eq(uploads.status, 'uploading'))
        .get(),
    ),
  };
}

function bytesOf(row: { bytes: string | null } | undefined): number {
  return Number(row?.bytes ?? 0);
}

function largestProjects(db: Reader): HealthView['storage']['projects'] {
  const workspacesBytes = sql<number>`coalesce((
    select sum(part.bytes) from ${spaceUsed} as part
    where part.project_id = ${spaceUsed.projectId} and part.owner_id <> ''), 0)`;
  return db
    .select({ id: projects.id, name: projects.name, bytes: spaceUsed.bytes, workspacesBytes })
    .from(spaceUsed)
    .innerJoin(projects, eq(projects.id, spaceUsed.projectId))
    .where(and(eq(spaceUsed.ownerId, ''), gt(spaceUsed.bytes, 0)))
    .orderBy(desc(spaceUsed.bytes), projects.id)
    .limit(maxListedProjects)
    .all();
}

function describeDoctor(ctx: PersonContext): HealthView['doctor'] {
  const last = lastExamination(ctx);
  if (!last) return null;
  const { askedAt, startedAt, endedAt, files, bytes } = last;
  return { isAsked: askedAt !== null, startedAt, endedAt, files, bytes };
}

function describeScrubber({ db, clock, limits }: PersonContext): HealthView['scrubber'] {
  const days = limits.scrubDays;
  if (days === 0) return null;
  const totals = (where: SQL | undefined) =>
    db
      .select({ files: count(), bytes: sql<number>`coalesce(sum(${assets.sizeBytes}), 0)` })
      .from(assets)
      .where(where)
      .get()!;
  const isStored = eq(assets.state, 'stored');
  const all = totals(isStored);
  const read = totals(and(isStored, gt(assets.readBackAt, clock() - days * dayMs)));
  return { days, ...all, readFiles: read.files, readBytes: read.bytes };
}

function describeDamages(ctx: PersonContext): HealthView['damages'] {
  const { db } = ctx;
  const listed = db
    .select()
    .from(damages)
    .orderBy(desc(damages.foundAt), damages.subject)
    .limit(maxListedDamages)
    .all();
  const countOf = (where?: SQL) => db.select({ number: count() }).from(damages).where(where).get()!.number;
  return {
    total: countOf(),
    byReading: countOf(inArray(damages.kind, [...damagesByReading])),
    listed: listed.map(({ kind, subject, expected, found, foundAt }): DamageView => {
      const delivered = deliveredAs(ctx, subject);
      const workspaceOf = delivered ? null : ownerOf(db, subject);
      return { kind, subject, expected, found, foundAt, delivered, workspaceOf };
    }),
  };
}

/** The latest delivery of the bytes. */
function deliveredAs(ctx: PersonContext, assetId: string): DamageView['delivered'] {
  const row = ctx.db
    .select({
      path: deliveredFiles.path,
      requestId: requests.id,
      request: requests.name,
      project: { id: projects.id, name: projects.name },
    })
    .from(deliveredFiles)
    .innerJoin(requests, eq(requests.id, deliveredFiles.requestId))
    .innerJoin(projects, eq(projects.id, requests.projectId))
    .where(eq(deliveredFiles.assetId, assetId))
    .orderBy(desc(deliveredFiles.id))
    .limit(1)
    .get();
  if (!row) return null;
  const { project, ...file } = row;
  const isMember = findMembership(ctx.db, project.id, ctx.person.id) !== undefined;
  return { project, file: isMember ? file : null };
}

function ownerOf(db: Reader, assetId: string): string | null {
  const row = db
    .select({ name: users.name })
    .from(assets)
    .innerJoin(users, eq(users.id, assets.ownerId))
    .where(eq(assets.id, assetId))
    .get();
  return row?.name ?? null;
}
