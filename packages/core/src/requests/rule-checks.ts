/** Checks files against the rules of a request: each file when its upload begins, and the whole delivery before a submit. */
import { and, asc, eq, gt, isNull } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { visibleName } from '@turnover/domain/names/hidden-characters';
import { checkArrival } from '@turnover/domain/rules/file-rules';
import {
  PreFlight,
  replacedBy,
  type RuleProblem,
  type FileToCheck,
  type Override,
  type PreFlightReport,
} from '@turnover/domain/rules/pre-flight';
import { isBinding } from '@turnover/domain/rules/rule-codes';
import { noRules, overridableIn, type RequestRules } from '@turnover/domain/rules/request-types';
import { loadRequest, seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import { inTurns } from '../batches.ts';
import type { Context, PersonContext } from '../context.ts';
import { visibleProblems, visibleProblem } from './visible-problems.ts';
import { imfPackageIn } from './imf-packages.ts';
import { requireRevision, revisionOf } from './revision.ts';
import { isNamedInList } from '../manifests/view.ts';
import { rulesOf } from './types.ts';
import { availableInProject } from '../uploads/space.ts';
import { overridesOf, storeOverrides } from './rule-overrides.ts';

/** `revision` changes with every event of the request. The report is valid only for this revision. */
export type DeliveryReview = { revision: number; report: PreFlightReport };

const filesPerPage = 250;

/** Checks the whole request as a submit does. Null when the request has no rules and demands no checksum list. */
export async function reviewDelivery(
  ctx: Pick<Context, 'db' | 'storage'>,
  request: DeliveryRequest,
): Promise<DeliveryReview | null> {
  const demands = demandsOf(ctx.db, request);
  if (!demands) return null;
  const revision = revisionOf(ctx.db, request.id);
  const flight = new PreFlight({ ...demands, at: 'submit', overrides: overridesOf(ctx.db, request.id) });
  await inTurns(filesOf(ctx.db, request.id), (file) => flight.addPresent(file));
  const report = flight.end(null);
  // A supplemental IMF package has no track files, because it uses those of another. Only its documents show that.
  if (!report.findings.some(lacksTracks)) return { revision, report };
  const found = await imfPackageIn(ctx, request);
  const isSupplement = found !== null && found.elsewhere.length > 0 && found.missing.length === 0;
  return { revision, report: isSupplement ? without(report, lacksTracks) : report };
}

/** Whether the problem is a missing file that the type expects as a track file of an IMF package. */
function lacksTracks({ rule, details }: RuleProblem): boolean {
  return rule === 'expected_missing' && /\.mxf$/i.test(String(details.example));
}

function without(report: PreFlightReport, isLeftOut: (problem: RuleProblem) => boolean): PreFlightReport {
  const counts = { ...report.counts };
  for (const { verdict } of report.findings.filter(isLeftOut)) counts[verdict] -= 1;
  return { counts, findings: report.findings.filter((problem) => !isLeftOut(problem)) };
}

/** Throws `conflict` unless the review is of the current revision, and `rules_unmet` when it has open problems. */
export function requireGoodDelivery(
  reading: { db: Reader; person: PersonContext['person'] },
  request: DeliveryRequest,
  review: DeliveryReview | null,
): void {
  const { db } = reading;
  if (!demandsOf(db, request)) return;
  requireRevision(db, request.id, review);
  refuseProblems(review.report, (problem) => visibleProblem(reading, request, problem));
}

/**
 * What the delivery as a whole would lack after other files are added and some or all present ones are removed, as far as the
 * person may see it. `there`: the number of expected files that would be present; null when the rules expect no number.
 */
export async function reviewAfterwards(
  ctx: PersonContext,
  request: DeliveryRequest,
  change: { arriving: readonly FileToCheck[]; isLeaving: (key: string) => boolean },
): Promise<{ problems: RuleProblem[]; files: number; there: number | null; expected: number | null }> {
  const { rules } = demandsOf(ctx.db, request) ?? { rules: noRules };
  const overrides = overridesOf(ctx.db, request.id);
  const flight = new PreFlight({ rules, at: 'submit', overrides, checksFiles: false });
  const isOwnOnly = seesOwnFilesOnly(ctx.db, ctx.person, request.projectId);
  let present = 0;
  await inTurns(filesOf(ctx.db, request.id), (file) => {
    if (change.isLeaving(file.key)) return;
    if (!isOwnOnly || file.deliveredBy === ctx.person.id) present += 1;
    flight.addPresent(file);
  });
  await inTurns(change.arriving, (file) => flight.addPresent(file));
  const paths = change.arriving.map(({ path }) => path);
  const { findings } = await visibleProblems(ctx, request, flight.end(null), paths);
  const open = findings.filter(isBinding);
  const expected = expectedFilesIn(rules);
  const missing = findings.reduce((sum, problem) => sum + missingIn(problem), 0);
  const there = expected === null ? null : Math.max(0, expected - missing);
  return { problems: open, files: present + change.arriving.length, there, expected };
}

/** The smallest number of files that the rules expect; null when they state none. */
export function expectedFilesIn({ expected }: Pick<RequestRules, 'expected'>): number | null {
  if (expected.kind === 'any') return null;
  if (expected.kind === 'count') return expected.min;
  return expected.files.filter(({ optional }) => !optional).length;
}

function missingIn({ rule, details }: RuleProblem): number {
  if (rule === 'too_few_files') return Number(details.min) - Number(details.files);
  return rule === 'expected_missing' ? 1 : 0;
}

/** The problems that a submit would report now, as far as the person may see them. Null when the delivery has no requirements. */
export async function checkDelivery(
  ctx: PersonContext,
  request: DeliveryRequest,
): Promise<PreFlightReport | null> {
  const review = await reviewDelivery(ctx, request);
  return review && visibleProblems(ctx, request, review.report);
}

/** Checks files before their first byte is sent, one by one and together with the present files. */
export async function checkArriving(
  ctx: PersonContext,
  request: DeliveryRequest,
  files: readonly FileToCheck[],
): Promise<PreFlightReport> {
  const rules = rulesOf(ctx.db, request);
  const overrides = overridesOf(ctx.db, request.id);
  const flight = new PreFlight({ rules, at: 'begin', overrides, replaced: replacedBy(files) });
  const isOwnOnly = seesOwnFilesOnly(ctx.db, ctx.person, request.projectId);
  await inTurns(filesOf(ctx.db, request.id), (file) =>
    flight.addPresent(file, !isOwnOnly || file.deliveredBy === ctx.person.id),
  );
  await inTurns(files, (file) => flight.add(file));
  const report = flight.end(await availableInProject(ctx, request.projectId));
  return visibleProblems(
    ctx,
    request,
    report,
    files.map(({ path }) => path),
  );
}

/**
 * Checks a file whose upload begins. Throws on blocking rules, and on overridable rules that nobody has overridden. `override`:
 * a reason that overrides them now.
 */
export function requireFileRules(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  file: FileToCheck,
  override: string | null,
): void {
  const rules = rulesOf(tx, request);
  const flight = new PreFlight({ rules, at: 'begin', overrides: overridesOf(tx, request.id) });
  const overridable = overridableIn(rules);
  flight.add(file);
  const { findings } = flight.end(null);
  const open = findings.filter(({ path, verdict }) => path !== null && verdict === 'overridable');
  const blocking = findings.find(({ path, verdict }) => path !== null && verdict === 'blocking');
  if (blocking) throw unmet(blocking, 1);
  if (open.length === 0) return;
  if (override === null) throw unmet(open[0]!, open.length);
  const overridden = open.map(({ rule }) => rule).filter((rule) => overridable.has(rule));
  for (const rule of overridden) storeOverrides(tx, ctx, request, { rule, paths: [file.path] }, override);
}

/** Throws the error of the first problem. `count`: the number of problems. */
export function refuseProblem(problem: RuleProblem, count: number): never {
  throw unmet(problem, count);
}

/** Throws for files that systems leave behind. No request takes them. */
export function refuseSystemFile(path: string): void {
  const found = checkArrival({ path, sizeBytes: 0 }).find(({ rule }) => rule === 'system_file');
  if (found) throw unmet({ ...found, path, verdict: 'blocking' }, 1);
}

/** Overrides a rule for one file, or for all its problems in the delivery, with a reason that goes into the history. */
export function overrideRule(
  ctx: PersonContext,
  { id }: Pick<DeliveryRequest, 'id'>,
  override: Override,
  reason: string,
): void {
  inTransaction(ctx.db, (tx) => {
    const request = loadRequest(tx, ctx.person, id, 'file:add');
    const demands = demandsOf(tx, request);
    if (!demands || !overridableIn(demands.rules).has(override.rule)) {
      throw new HubError('conflict', 'This rule of the type cannot be overridden.', {
        rule: override.rule,
      });
    }
    const { rule, path } = override;
    storeOverrides(tx, ctx, request, { rule, paths: path === null ? null : [path] }, reason);
  });
}

/**
 * The rules that a submit checks: those of the type, plus a checksum list if the request demands one. People can override a
 * list that only the request demands. Null when the delivery has no requirements.
 */
function demandsOf(db: Reader, request: DeliveryRequest): Demands | null {
  const rules = rulesOf(db, request);
  const { demandsManifest } = request;
  if (rules === null && !demandsManifest) return null;
  const ofType = rules ?? noRules;
  const overridable = ofType.demandsManifest ? ofType.overridable : withManifest(ofType.overridable);
  return { rules: { ...ofType, demandsManifest, overridable }, checksFiles: rules !== null };
}

type Demands = { rules: RequestRules; checksFiles: boolean };

function withManifest(overridable: RequestRules['overridable']): RequestRules['overridable'] {
  return [...new Set([...overridable, 'manifest_missing' as const])];
}

type PresentFile = FileToCheck & { key: string; deliveredBy: string };

/** Reads all present files in pages, sorted by path. A change between two pages changes the revision. */
function* filesOf(db: Reader, requestId: string): Iterable<PresentFile> {
  for (let after = ''; ;) {
    const page = filesAfter(db, requestId, after);
    yield* page;
    if (page.length < filesPerPage) return;
    after = page.at(-1)!.key;
  }
}

function filesAfter(db: Reader, requestId: string, after: string): PresentFile[] {
  const { path, pathKey, isManifest, deliveredBy } = deliveredFiles;
  return db
    .select({
      path,
      key: pathKey,
      isManifest,
      deliveredBy,
      sizeBytes: assets.sizeBytes,
      named: isNamedInList,
    })
    .from(deliveredFiles)
    .innerJoin(assets, eq(assets.id, deliveredFiles.assetId))
    .where(and(eq(deliveredFiles.requestId, requestId), isNull(deliveredFiles.removedAt), gt(pathKey, after)))
    .orderBy(asc(pathKey))
    .limit(filesPerPage)
    .all()
    .map(({ named, ...file }) => ({ ...file, isNamed: named === 1 }));
}

function refuseProblems(
  { findings, counts }: PreFlightReport,
  visible: (problem: RuleProblem) => RuleProblem,
): void {
  const first = findings.find(isBinding);
  if (first) throw unmet(visible(first), counts.blocking + counts.overridable);
}

function unmet({ rule, path, verdict, details, suggestion }: RuleProblem, count: number): HubError {
  const what = path === null ? 'The delivery' : `“${visibleName(path)}”`;
  if (rule === 'system_file') {
    const sentence = `${what} does not belong in a delivery: ${details.of} left “${details.name}” there. Leave it out.`;
    return new HubError('rules_unmet', sentence, {
      ...details,
      rule,
      path,
      suggestion,
      count,
      overridable: false,
    });
  }
  return new HubError('rules_unmet', `${what} does not match the request: ${rule}.`, {
    ...details,
    rule,
    path,
    suggestion,
    count,
    overridable: verdict === 'overridable',
  });
}
