/**
 * Restricts rule problems to what the reader may see. People who see only their own files learn the number of all problems, but
 * only the names of their own files.
 */
import { and, eq, isNull, sql, type SQL } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { nameKey } from '@turnover/domain/names/names';
import type { RuleProblem, PreFlightReport } from '@turnover/domain/rules/pre-flight';
import { parseFrameName, parsePattern, sequenceKey } from '@turnover/domain/sequences/frame-names';
import { seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import { inTurns } from '../batches.ts';
import type { Person } from '../context.ts';

type Reading = { db: Reader; person: Person };
type Readable = Pick<DeliveryRequest, 'id' | 'projectId'>;

/** `arriving`: paths that the reader is about to upload, and so knows. */
export async function visibleProblems(
  reading: Reading,
  request: Readable,
  report: PreFlightReport,
  arriving: readonly string[] = [],
): Promise<PreFlightReport> {
  const restrict = restrictionFor(reading, request, arriving);
  const problems: RuleProblem[] = [];
  await inTurns(report.findings, (problem) => problems.push(...restrict(problem)));
  return { ...report, findings: problems };
}

/** A problem that prevents a submit is always visible, but without names that the reader may not see. */
export function visibleProblem(reading: Reading, request: Readable, problem: RuleProblem): RuleProblem {
  const [visible] = restrictionFor(reading, request, [])(problem);
  return visible ?? { ...problem, path: null, details: detailsOfRule(problem), suggestion: null };
}

/** Leaves out the overrides of files that somebody else delivered, for people who see only their own files. */
export function visibleOverrides<Shown extends { path: string | null }>(
  { db, person }: Reading,
  request: Readable,
  overrides: readonly Shown[],
): Shown[] {
  if (!seesOwnFilesOnly(db, person, request.projectId)) return [...overrides];
  return overrides.filter(({ path }) => path === null || isOwn(db, person.id, request.id, path));
}

/** The details that name no file: numbers, and what the rule asks for. */
function detailsOfRule({ details }: RuleProblem): RuleProblem['details'] {
  const nameless = Object.entries(details).filter(
    ([key, value]) => typeof value === 'number' || key === 'wanted' || key === 'example',
  );
  return { ...Object.fromEntries(nameless), name: '…' };
}

/** Returns a function that restricts a problem to what the reader may see, or hides it (an empty list). */
function restrictionFor(
  { db, person }: Reading,
  request: Readable,
  arriving: readonly string[],
): (problem: RuleProblem) => RuleProblem[] {
  if (!seesOwnFilesOnly(db, person, request.projectId)) return (problem) => [problem];
  const arrivingKeys = new Set(arriving.flatMap(keysOf));
  const isKnown = (path: string) =>
    arrivingKeys.has(nameKey(path)) ||
    arrivingKeys.has(patternKeyOf(path) ?? '') ||
    isOwn(db, person.id, request.id, path);
  return (problem) =>
    problem.path === null || isKnown(problem.path) ? [withoutNamesOfOthers(problem, isKnown)] : [];
}

function withoutNamesOfOthers(problem: RuleProblem, isKnown: (path: string) => boolean): RuleProblem {
  const { rule, details } = problem;
  if (rule === 'frame_duplicate') return { ...problem, details: { ...details, names: '…' } };
  if (rule !== 'manifest_missing' || typeof details.name !== 'string' || isKnown(details.name))
    return problem;
  return { ...problem, details: { ...details, name: '…' } };
}

/** The key of the path, and of the sequence that it could be a frame of. */
function keysOf(path: string): string[] {
  const { folder, name } = split(path);
  const frame = parseFrameName(name);
  return [nameKey(path), ...(frame ? [nameKey(folder) + sequenceKey(frame)] : [])];
}

function patternKeyOf(path: string): string | null {
  const { folder, name } = split(path);
  const pattern = parsePattern(name);
  return pattern && nameKey(folder) + sequenceKey(pattern);
}

function split(path: string): { folder: string; name: string } {
  const slash = path.lastIndexOf('/') + 1;
  return { folder: path.slice(0, slash), name: path.slice(slash) };
}

function isOwn(db: Reader, deliveredBy: string, requestId: string, path: string): boolean {
  const pattern = parsePattern(path);
  const isThis = pattern ? isFrameOf(pattern) : eq(deliveredFiles.pathKey, nameKey(path));
  const own = and(
    eq(deliveredFiles.requestId, requestId),
    isNull(deliveredFiles.removedAt),
    eq(deliveredFiles.deliveredBy, deliveredBy),
    isThis,
  );
  return db.select({ id: deliveredFiles.id }).from(deliveredFiles).where(own).limit(1).get() !== undefined;
}

function isFrameOf({ prefix, suffix }: { prefix: string; suffix: string }): SQL {
  const [before, after] = [nameKey(prefix), nameKey(suffix)];
  const key = deliveredFiles.pathKey;
  const number = sql`substr(${key}, length(${before}) + 1, length(${key}) - length(${before}) - length(${after}))`;
  return sql`(${key} >= ${before} and ${key} < ${before + '\u{10ffff}'} and substr(${key}, -length(${after})) = ${after}
    and ${number} <> '' and trim(${number}, '-0123456789') = '')`;
}
