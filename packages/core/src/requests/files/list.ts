/** Lists the files of a request with checksums and stages, in pages, with a few queries for each page. */
import { and, count, eq, gt, isNull, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { KnownPersonView } from '@turnover/domain/people/accounts';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import { hiddenIn, visibleName } from '@turnover/domain/names/hidden-characters';
import { decide, type Permission } from '@turnover/domain/people/permissions';
import { actions, refuseAction, type Refusal } from '@turnover/domain/requests/actions';
import type { StageAction } from '@turnover/domain/media/stage-control';
import { isBeingProcessed } from '@turnover/domain/requests/machine';
import type {
  DeliveredFileView,
  ListRequestFilesInput,
  RequestFileListView,
} from '@turnover/domain/requests/files';
import type { StageView } from '@turnover/domain/media/stages';
import {
  loadDeliveredFile,
  seesOwnFilesOnly,
  relationTo,
  type DeliveredFile,
  type DeliveryRequest,
} from '../../access.ts';
import { checksumsOf } from '../../assets/checksums.ts';
import { previewKindsOf } from '../../previews.ts';
import type { PersonContext } from '../../context.ts';
import { manifestsOf } from '../../manifests/view.ts';
import { viewKnownPeople, viewPeople } from '../../people/person-view.ts';
import { stagesOf } from '../processing/view.ts';
import { contentFacts } from '../transitions.ts';
import { pathsContaining } from './search.ts';

type Asset = typeof assets.$inferSelect;
type Row = { file: DeliveredFile; asset: Asset };

/** Sorted by path. Roles that see only their own files get only those files. */
export function listRequestFiles(
  ctx: PersonContext,
  request: DeliveryRequest,
  {
    cursor,
    offset = 0,
    limit,
    search,
  }: Pick<ListRequestFilesInput, 'cursor' | 'limit' | 'search'> & { offset?: number },
): RequestFileListView {
  const isOwnOnly = seesOwnFilesOnly(ctx.db, ctx.person, request.projectId);
  const present = and(
    eq(deliveredFiles.requestId, request.id),
    isNull(deliveredFiles.removedAt),
    isOwnOnly ? eq(deliveredFiles.deliveredBy, ctx.person.id) : undefined,
    search ? containing(search) : undefined,
  );
  const rows = ctx.db
    .select({ file: deliveredFiles, asset: assets })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(and(present, cursor ? gt(deliveredFiles.pathKey, cursor) : undefined))
    .orderBy(deliveredFiles.pathKey)
    .limit(limit + 1)
    .offset(offset)
    .all();
  const page = rows.slice(0, limit);
  return {
    files: viewFiles(ctx, request, page),
    // The request stores the number of all its files. Other numbers are counted here.
    total: isOwnOnly || search ? countFiles(ctx.db, present) : request.fileCount,
    nextCursor: rows.length > limit ? page.at(-1)!.file.pathKey : null,
  };
}

/** Searches without regard to case and look-alike characters. */
function containing(search: string): SQL {
  const { ofPath, ofLook } = pathsContaining(search);
  return sql`(${ofPath} or ${ofLook})`;
}

/** For the files of a page: the path of another file of the request that looks the same, keyed by file id. */
function looksAmong(
  { db, person }: PersonContext,
  request: DeliveryRequest,
  rows: readonly Row[],
): Map<string, string> {
  const ids = JSON.stringify(rows.map(({ file }) => file.id));
  const these = sql`file.id in (select value from json_each(${ids}))`;
  // People who see only their own files must not learn the names of others.
  const isOwnOnly = seesOwnFilesOnly(db, person, request.projectId);
  const seen = isOwnOnly ? sql`other.delivered_by = ${person.id}` : sql`1`;
  const found = db.all<{ id: string; other: string }>(sql`
    select file.id, min(other.path) as other from delivered_files as file
    cross join delivered_files as other on other.request_id = file.request_id and other.id <> file.id and other.removed_at is null and ${seen}
    where ${these} and file.look_key is not null
      and other.look_key is not null and other.look_key = file.look_key
    group by file.id
    union all
    select file.id, other.path from delivered_files as file
    cross join delivered_files as other on other.request_id = file.request_id and other.path_key = file.look_key and other.removed_at is null and ${seen}
    where ${these} and file.look_key is not null
    union all
    select file.id, other.path from delivered_files as file
    cross join delivered_files as other on other.request_id = file.request_id and other.look_key = file.path_key
      and other.look_key is not null and other.removed_at is null and ${seen}
    where ${these} and file.look_key is null`);
  return new Map(found.map(({ id, other }) => [id, other]));
}

function countFiles(db: Reader, which: SQL | undefined): number {
  return db.select({ number: count() }).from(deliveredFiles).where(which).get()!.number;
}

export function viewFile(ctx: PersonContext, fileId: string): DeliveredFileView {
  const { file, request } = loadDeliveredFile(ctx.db, ctx.person, fileId, 'file:view');
  const asset = ctx.db.select().from(assets).where(eq(assets.id, file.assetId)).get()!;
  return viewFiles(ctx, request, [{ file, asset }])[0]!;
}

/** Returns the views in the order of the rows. */
export function viewFiles(
  ctx: PersonContext,
  request: DeliveryRequest,
  rows: readonly Row[],
): DeliveredFileView[] {
  const stages = stagesOf(
    ctx.db,
    rows.map(({ file }) => file.id),
    ctx.clock(),
  );
  const assetIds = [...new Set(rows.map(({ asset }) => asset.id))];
  const checksums = checksumsOf(ctx.db, assetIds);
  const previews = previewKindsOf(ctx.db, assetIds);
  const people = viewPeople(
    ctx.db,
    rows.map(({ file }) => file.deliveredBy),
  );
  const removers = rows.flatMap(({ file }) => file.removedBy ?? []);
  const known = viewKnownPeople(ctx.db, ctx.person, request.projectId, removers);
  const looks = looksAmong(ctx, request, rows);
  const manifestOf = manifestsOf(
    ctx,
    request,
    rows.map(({ file }) => file),
  );
  const possibleFor = gatesFor(ctx, request);
  return rows.map(({ file, asset }) => {
    const slash = file.path.lastIndexOf('/');
    const name = file.path.slice(slash + 1);
    const itsStages = stages.get(file.id) ?? [];
    return {
      id: file.id,
      requestId: file.requestId,
      name,
      folder: slash < 0 ? '' : file.path.slice(0, slash),
      visibleName: hiddenIn(file.path).length > 0 ? visibleName(name) : null,
      looksLike: looks.get(file.id) ?? null,
      sizeBytes: asset.sizeBytes,
      mediaKind: file.isManifest ? 'manifest' : mediaKind(name),
      state: asset.state === 'stored' ? 'stored' : 'verifying',
      isManifest: file.isManifest,
      deliveredBy: people.get(file.deliveredBy)!,
      addedAt: file.addedAt,
      round: file.addedRound,
      checksums: checksums.get(asset.id) ?? [],
      manifest: manifestOf(file),
      removal: removalOf(file, known),
      stages: itsStages,
      previews: previews.get(asset.id) ?? [],
      possible: possibleFor(file, asset, itsStages),
    };
  });
}

function removalOf(
  { removedAt, removal, removedBy }: DeliveredFile,
  known: (id: string) => KnownPersonView,
): DeliveredFileView['removal'] {
  if (removedAt === null || removal === null) return null;
  return { how: removal, by: removedBy === null ? null : known(removedBy), at: removedAt };
}

/** Returns what the reader can do with a file of this request, and why not. */
function gatesFor({ db, person }: PersonContext, request: DeliveryRequest) {
  const relation = relationTo(db, person, request);
  const ofRequest = contentFacts(request);
  return (file: DeliveredFile, asset: Asset, stages: readonly StageView[]): DeliveredFileView['possible'] => {
    const deliveredIt = file.deliveredBy === person.id;
    const isProcessing =
      isBeingProcessed(request.status) ||
      stages.some(({ status }) => status === 'waiting' || status === 'running');
    const facts = { ...ofRequest, isProcessing };
    const gate = (permission: Permission, refusal: Refusal | null): Refusal | null =>
      decide(permission, { ...relation, deliveredIt }) === 'granted'
        ? refusal
        : { code: 'forbidden', details: { permission } };
    const ofStage = (action: StageAction) =>
      gate(actions[action].permission, file.removedAt === null ? refuseAction(action, facts) : gone(action));
    return {
      rename: gate(actions.rename.permission, refuseAction('rename', facts)),
      remove: gate(actions.remove.permission, refuseAction('remove', facts)),
      download: gate(
        'file:download',
        asset.state === 'stored' ? null : { code: 'still_verifying', details: { count: 1 } },
      ),
      retryStage: ofStage('retryStage'),
      skipStage: ofStage('skipStage'),
      cancelStage: ofStage('cancelStage'),
    };
  };
}

/** The refusal for files that were removed from the request: they are no longer processed. */
function gone(action: StageAction): Refusal {
  return { code: 'stage_forbids', details: { action } };
}
