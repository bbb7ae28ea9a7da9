/** Reads the documents of a delivered Interoperable Master Package: whether it supplements another, and what it lacks. */
import { and, desc, eq, isNull, lte, ne, or, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import {
  imfPackageOf,
  isAssetMap,
  maxImfDocumentBytes,
  mayBeImfDocument,
  type ImfPackage,
} from '@turnover/domain/media/imf-documents';
import { HubError } from '@turnover/domain/errors';
import type { ImfPackageView } from '@turnover/domain/requests/requests';
import { loadRequest, seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import { readImfDocuments } from '../assets/imf-documents.ts';
import type { Context, PersonContext } from '../context.ts';

type Tools = Pick<Context, 'db' | 'storage'>;

const maxDocuments = 40;
const maxPaths = 5000;
const maxListed = 20;
const maxSearched = 60;

/** The IMF package in a request; null when it has no composition or no asset map. */
export async function imfPackageIn(
  ctx: Tools,
  { id }: Pick<DeliveryRequest, 'id'>,
): Promise<ImfPackage | null> {
  const present = and(eq(deliveredFiles.requestId, id), isNull(deliveredFiles.removedAt));
  const documents = documentsWhere(ctx.db, present, maxDocuments);
  if (!documents.some(({ path }) => isAssetMap(path))) return null;
  const paths = ctx.db
    .select({ path: deliveredFiles.path })
    .from(deliveredFiles)
    .where(present)
    .limit(maxPaths)
    .all();
  return imfPackageOf(
    await readImfDocuments(ctx.storage, documents),
    paths.map(({ path }) => path),
  );
}

/** Includes the requests of the project that have the missing track files, as far as the person sees them. */
export async function viewImfPackage(
  ctx: PersonContext,
  request: DeliveryRequest,
): Promise<ImfPackageView | null> {
  if (seesOwnFilesOnly(ctx.db, ctx.person, request.projectId)) return null;
  const found = await imfPackageIn(ctx, request);
  if (!found) return null;
  const { id, title, elsewhere, missing } = found;
  return {
    id,
    title,
    elsewhereCount: elsewhere.length,
    elsewhere: elsewhere.slice(0, maxListed),
    missingCount: missing.length,
    missing: missing.slice(0, maxListed).map(({ path }) => path),
    foundIn: elsewhere.length === 0 ? [] : await packagesWith(ctx, request, new Set(elsewhere)),
  };
}

async function packagesWith(
  ctx: PersonContext,
  { id, projectId }: DeliveryRequest,
  wanted: ReadonlySet<string>,
): Promise<ImfPackageView['foundIn']> {
  const others = and(
    eq(requests.projectId, projectId),
    ne(requests.id, id),
    isNull(deliveredFiles.removedAt),
  );
  const found = new Map<string, ImfPackageView['foundIn'][number]>();
  for (const document of documentsWhere(ctx.db, others, maxSearched)) {
    if (found.has(document.requestId) || found.size === maxListed) continue;
    const [read] = await readImfDocuments(ctx.storage, [document]);
    const ids =
      read?.kind === 'assetmap'
        ? read.assets.map((asset) => asset.id)
        : read?.kind === 'packing_list'
          ? read.assets
          : [];
    if (!ids.some((each) => wanted.has(each))) continue;
    const seen = visible(ctx, document.requestId);
    if (seen) found.set(seen.id, { requestId: seen.id, name: seen.name });
  }
  return [...found.values()];
}

function visible(ctx: PersonContext, requestId: string): DeliveryRequest | null {
  try {
    return loadRequest(ctx.db, ctx.person, requestId, 'request:view');
  } catch (error) {
    if (error instanceof HubError) return null;
    throw error;
  }
}

type Candidate = { path: string; assetId: string; sizeBytes: number; requestId: string };

function documentsWhere(db: Reader, which: ReturnType<typeof and>, limit: number): Candidate[] {
  const { path, assetId, requestId } = deliveredFiles;
  const endsSo = or(
    ...['%.xml', 'assetmap', '%/assetmap'].map((pattern) => sql`lower(${path}) like ${pattern}`),
  );
  return db
    .select({ path, assetId, sizeBytes: assets.sizeBytes, requestId })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, assetId))
    .innerJoin(requests, eq(requests.id, requestId))
    .where(and(which, endsSo, lte(assets.sizeBytes, maxImfDocumentBytes)))
    .orderBy(desc(deliveredFiles.id))
    .limit(limit)
    .all()
    .filter((each) => mayBeImfDocument(each.path, each.sizeBytes));
}
