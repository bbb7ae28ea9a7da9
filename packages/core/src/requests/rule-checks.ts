/** The rules of a request's type, asked of its files: of each one as it begins, of all of them before they are submitted. */
import { and, asc, eq, gt, isNull, max } from 'drizzle-orm';
import type { Reader, Transaction } from '@turnover/db/open';
import { assets } from '@turnover/db/schema/assets';
import { events } from '@turnover/db/schema/events';
import { deliveredFiles, ruleOverrides } from '@turnover/db/schema/requests';
import { inTransaction } from '@turnover/db/transaction';
import { HubError } from '@turnover/domain/errors';
import { nameKey } from '@turnover/domain/names/names';
import { visibleName } from '@turnover/domain/names/hidden-characters';
import { checkArrival, fileChecksOf } from '@turnover/domain/rules/file-rules';
import {
  PreFlight,
  replacedBy,
  type RuleProblem,
  type FileToCheck,
  type Override,
  type PreFlightReport,
} from '@turnover/domain/rules/pre-flight';
import {
  noRules,
  overridableIn,
  type PreFlightRule,
  type RequestRules,
} from '@turnover/domain/rules/request-types';
import { loadRequest, seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import { inTurns } from '../batches.ts';
import type { Context, PersonContext } from '../context.ts';
import { appendEvent } from '../events.ts';
import { visibleProblems, visibleProblem } from './visible-problems.ts';
import { imfPackageIn } from './imf-packages.ts';
import { isNamedInList } from '../manifests/view.ts';
import { rulesOf } from './types.ts';
import { availableSpace } from '../uploads/space.ts';

/** `revision`: changes with everything that happens to the request; what was judged holds for this one alone. */
export type DeliveryReview = { revision: number; report: PreFlightReport };

const filesPerPage = 250;

/** All that is in the request, as it would be submitted; null: its rules ask for nothing. */
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
  // Compositions that play track files of another package come without any: their documents tell, names cannot.
  if (!report.findings.some(lacksTracks)) return { revision, report };
  const found = await imfPackageIn(ctx, request);
  const isSupplement = found !== null && found.elsewhere.length > 0 && found.missing.length === 0;
  return { revision, report: isSupplement ? without(report, lacksTracks) : report };
}

/** Of the files that a type expects, those that are track files of an IMF package. */
function lacksTracks({ rule, details }: RuleProblem): boolean {
  return rule === 'expected_missing' && /\.mxf$/i.test(String(details.example));
}

function without(report: PreFlightReport, isLeftOut: (finding: RuleProblem) => boolean): PreFlightReport {
  const counts = { ...report.counts };
  for (const { verdict } of report.findings.filter(isLeftOut)) counts[verdict] -= 1;
  return { counts, findings: report.findings.filter((finding) => !isLeftOut(finding)) };
}

/** Throws unless the judgement is of the request as it is now, and nothing in it speaks against the submit. */
export function requireGoodDelivery(
  reading: { db: Reader; person: PersonContext['person'] },
  request: DeliveryRequest,
  judged: DeliveryReview | null,
): void {
  const { db } = reading;
  if (!demandsOf(db, request)) return;
  if (judged?.revision !== revisionOf(db, request.id)) {
    throw new HubError('conflict', 'The request changed in the meantime. Submit again.');
  }
  refuseProblems(judged.report, (finding) => visibleProblem(reading, request, finding));
}

/** What the files that are there would be told at a submit; null: nothing is asked for. */
export async function checkDelivery(
  ctx: PersonContext,
  request: DeliveryRequest,
): Promise<PreFlightReport | null> {
  const judged = await reviewDelivery(ctx, request);
  return judged && visibleProblems(ctx, request, judged.report);
}

/** Before the first byte: what the files would be told, one by one and as a whole. */
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
  const report = flight.end(await availableSpace(ctx));
  return visibleProblems(
    ctx,
    request,
    report,
    files.map(({ path }) => path),
  );
}

/**
 * One file that begins. Throws what is hard, and what may be set aside unless it is: earlier, or now by `override`, the
 * reason that somebody gives.
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
  const mayBe = overridableIn(rules);
  flight.add(file);
  const { findings } = flight.end(null);
  const open = findings.filter(({ path, verdict }) => path !== null && verdict === 'overridable');
  const hard = findings.find(({ path, verdict }) => path !== null && verdict === 'blocking');
  if (hard) throw unmet(hard, 1);
  if (open.length === 0) return;
  if (override === null) throw unmet(open[0]!, open.length);
  for (const { rule } of open)
    if (mayBe.has(rule)) setAside(tx, ctx, request, { rule, path: file.path }, override);
}

/** In a request, whatever it asks for: what a system left behind is no part of a delivery. */
export function refuseSystemFile(path: string): void {
  const found = checkArrival({ path, sizeBytes: 0 }).find(({ rule }) => rule === 'system_file');
  if (found) throw unmet({ ...found, path, verdict: 'blocking' }, 1);
}

/** Many files that come from a Workspace: throws what is hard. What may be set aside is told, and set aside, at the submit. */
export async function requireHardRules(
  ctx: { db: Reader },
  request: DeliveryRequest,
  files: readonly FileToCheck[],
): Promise<void> {
  const rules = rulesOf(ctx.db, request);
  if (!rules) return;
  const judge = fileChecksOf(rules);
  const mayBe = overridableIn(rules);
  await inTurns(files, (file) => {
    const hard = judge(file).find(({ rule }) => !mayBe.has(rule));
    if (hard) throw unmet({ ...hard, path: file.path, verdict: 'blocking' }, 1);
  });
}

/** For everything of its kind in the delivery, or for one file, with a reason that stands in the history. */
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
      throw new HubError('conflict', 'This rule of the type is hard: it cannot be set aside.', {
        rule: override.rule,
      });
    }
    setAside(tx, ctx, request, override, reason);
  });
}

function setAside(
  tx: Transaction,
  ctx: PersonContext,
  { id: requestId, projectId, round }: DeliveryRequest,
  { rule, path }: Override,
  reason: string,
): void {
  const values = {
    id: ctx.newId('override'),
    requestId,
    round,
    rule,
    path: path ?? '',
    pathKey: path === null ? '' : nameKey(path),
    reason,
    by: ctx.person.id,
    at: ctx.clock(),
  };
  const { reason: why, by, at } = values;
  tx.insert(ruleOverrides)
    .values(values)
    .onConflictDoUpdate({
      target: [ruleOverrides.requestId, ruleOverrides.rule, ruleOverrides.pathKey],
      set: { reason: why, by, at, round },
    })
    .run();
  appendEvent(tx, ctx.clock, {
    kind: 'request.ruleOverridden',
    projectId,
    requestId,
    actorId: by,
    // Of a file by whoever sends it: others of roles that see their own only are not told its name.
    deliveredBy: path === null ? null : by,
    data: { rule, reason, ...(path !== null && { name: path }) },
  });
}

/**
 * What is asked of a delivery at its submit: by its type, or by the request itself. A list that the request asks for and its type
 * does not may be set aside with a reason, and a request without a type asks for nothing else.
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

export function overridesOf(db: Reader, requestId: string): Override[] {
  return db
    .select({ rule: ruleOverrides.rule, path: ruleOverrides.path })
    .from(ruleOverrides)
    .where(eq(ruleOverrides.requestId, requestId))
    .all()
    .map(({ rule, path }) => ({ rule: rule as PreFlightRule, path: path === '' ? null : path }));
}

/** Every change of a request writes an event in its own transaction. */
export function revisionOf(db: Reader, requestId: string): number {
  const row = db
    .select({ id: max(events.id) })
    .from(events)
    .where(eq(events.requestId, requestId))
    .get();
  return row?.id ?? 0;
}

type PresentFile = FileToCheck & { key: string; deliveredBy: string };

/** Everything in the request, by name, a page at a time: what happens to it in the meantime changes its revision. */
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
  told: (finding: RuleProblem) => RuleProblem,
): void {
  const first = findings.find(({ verdict }) => verdict === 'blocking' || verdict === 'overridable');
  if (first) throw unmet(told(first), counts.blocking + counts.overridable);
}

function unmet({ rule, path, verdict, details, suggestion }: RuleProblem, count: number): HubError {
  const what = path === null ? 'The delivery' : `“${visibleName(path)}”`;
  if (rule === 'system_file') {
    const sentence = `${what} is no part of a delivery: “${details.name}” was left there by ${details.of}. Leave it out.`;
    return new HubError('rules_unmet', sentence, {
      ...details,
      rule,
      path,
      suggestion,
      count,
      overridable: false,
    });
  }
  return new HubError('rules_unmet', `${what} does not fit what the request asks for: ${rule}.`, {
    ...details,
    rule,
    path,
    suggestion,
    count,
    overridable: verdict === 'overridable',
  });
}
