/** Checks names before an upload: whether they are allowed, taken, or look like another. Changes nothing. */
import { and, eq, isNull, ne, or, sql } from 'drizzle-orm';
import { entries } from '@turnover/db/schema/entries';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { CheckedNameView, CheckNamesInput } from '@turnover/domain/workspace/checked-names';
import { litterOf } from '@turnover/domain/workspace/litter';
import { notFound } from '@turnover/domain/errors';
import { nameKey, parseRelativePath } from '@turnover/domain/names/names';
import { cleanPath } from '@turnover/domain/names/clean-names';
import { hiddenIn, visibleName } from '@turnover/domain/names/hidden-characters';
import { lookAlikeKey } from '@turnover/domain/names/look-alikes';
import { loadRequest, seesOwnFilesOnly } from '../access.ts';
import { inTurns } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { findEntry, placeKeyOf, type Place } from '../entries/lookup.ts';
import { requirePlace } from './access.ts';
import { takenName } from '../entries/places.ts';
import { presentFile } from './present-file.ts';
import { mayReplace } from './targets.ts';

type Conflicts = Pick<CheckedNameView, 'taken' | 'present' | 'looksLike'>;
const free: Conflicts = { taken: null, present: null, looksLike: null };

/** Checks each path. Throws when the person may not upload to the target; reveals no names that they may not see. */
export async function checkNames(ctx: PersonContext, input: CheckNamesInput): Promise<CheckedNameView[]> {
  const conflictsOf = input.requestId ? inRequest(ctx, input, input.requestId) : inWorkspace(ctx, input);
  const checked: CheckedNameView[] = [];
  await inTurns(input.paths, (path) => {
    const parsed = parseRelativePath(path);
    const problem = 'problem' in parsed ? parsed.problem : null;
    const isHiding = hiddenIn(path).length > 0;
    checked.push({
      path,
      problem,
      suggestion: problem || isHiding ? cleanPath(path) : null,
      visibleName: isHiding ? visibleName(path) : null,
      litter: litterOf(path)?.kind ?? null,
      ...('segments' in parsed ? conflictsOf(parsed.segments) : free),
    });
  });
  return checked;
}

function inWorkspace(ctx: PersonContext, { projectId, folderId = null }: CheckNamesInput) {
  const root = requirePlace(ctx.db, ctx, projectId, folderId);
  // Caches places: many paths share few folders.
  const places = new Map<string, Place | null>([['', root]]);

  function placeOf(folders: readonly string[]): Place | null {
    const key = folders.map(nameKey).join('/');
    const known = places.get(key);
    if (known !== undefined) return known;
    const above = placeOf(folders.slice(0, -1));
    const entry = above && findEntry(ctx.db, above, folders.at(-1)!);
    const place = entry?.kind === 'folder' ? { ...root, folderId: entry.id } : null;
    places.set(key, place);
    return place;
  }

  return (segments: readonly string[]): Conflicts => {
    const place = placeOf(segments.slice(0, -1));
    if (!place) return free;
    const name = segments.at(-1)!;
    const taken = takenName(ctx.db, place, name);
    return {
      taken: taken ? (taken.entry?.kind ?? 'file') : null,
      // Everybody who may add files here may also replace the present ones.
      present: taken && presentFile(ctx.db, taken, true),
      looksLike: lookAlikeIn(ctx, place, name),
    };
  };
}

function lookAlikeIn({ db }: PersonContext, place: Place, name: string): string | null {
  const look = lookAlikeKey(name);
  const same = or(eq(entries.nameKey, look), and(sql`look_key is not null`, eq(entries.lookKey, look)));
  const here = and(eq(entries.placeKey, placeKeyOf(place)), isNull(entries.deletedAt));
  const other = db
    .select({ name: entries.name })
    .from(entries)
    .where(and(here, same, ne(entries.nameKey, nameKey(name))))
    .limit(1)
    .get();
  return other?.name ?? null;
}

function inRequest(ctx: PersonContext, { projectId }: CheckNamesInput, requestId: string) {
  const request = loadRequest(ctx.db, ctx.person, requestId, 'file:add');
  if (request.projectId !== projectId) throw notFound();
  const { pathKey, lookKey, deliveredBy } = deliveredFiles;
  const present = and(eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt));
  const isOwnOnly = seesOwnFilesOnly(ctx.db, ctx.person, request.projectId);
  const seen = and(present, isOwnOnly ? eq(deliveredBy, ctx.person.id) : undefined);
  const one = (where: ReturnType<typeof and>) =>
    ctx.db.select().from(deliveredFiles).where(where).limit(1).get();

  return (segments: readonly string[]): Conflicts => {
    const name = segments.join('/');
    const [key, look] = [nameKey(name), lookAlikeKey(name)];
    const same = or(eq(pathKey, look), and(sql`look_key is not null`, eq(lookKey, look)));
    // '0' is the next character after '/', so the range from `key/` to `key0` holds every path in the folder.
    const isFolder = () => one(and(present, sql`${pathKey} > ${`${key}/`} and ${pathKey} < ${`${key}0`}`));
    const file = one(and(present, eq(pathKey, key)));
    const isSeen = file && (!isOwnOnly || file.deliveredBy === ctx.person.id);
    return {
      taken: file ? 'file' : isFolder() ? 'folder' : null,
      present: isSeen ? presentFile(ctx.db, { file }, mayReplace(ctx.db, ctx, request, file)) : null,
      looksLike: one(and(seen, same, ne(pathKey, key)))?.path ?? null,
    };
  };
}
