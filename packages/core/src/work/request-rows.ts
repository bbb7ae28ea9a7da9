/** The rows of requests in My work: what each request waits for, and why. */
import { and, eq, isNull, or, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { reasonFindings } from '@turnover/db/schema/reasons';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import { isBinding } from '@turnover/domain/rules/rule-codes';
import type { WorkRequestView } from '@turnover/domain/work/work';
import { seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { inList } from '../in-list.ts';
import { expectedEnd } from '../requests/processing/view.ts';
import { carriedInto } from '../requests/redelivery/open-findings.ts';
import { severities } from '../requests/redelivery/reasons.ts';
import { latestRedelivery, latestWithoutFindings } from '../requests/redelivery/view.ts';
import { checkDelivery } from '../requests/rule-checks.ts';
import { summarise } from '../requests/view.ts';
import { arrivingIn } from './arriving.ts';
import { lastRounds, type RequestSection } from './sections.ts';

/** For requests with more files, only the page of the request shows what is missing. */
const maxFilesChecked = 200;

export async function viewRows(
  ctx: PersonContext,
  projectId: string,
  section: RequestSection,
  rows: readonly DeliveryRequest[],
): Promise<WorkRequestView[]> {
  const { db, person } = ctx;
  const now = ctx.clock();
  const ids = rows.map(({ id }) => id);
  const ownOnly = seesOwnFilesOnly(db, person, projectId);
  const rounds = lastRounds(db, ids);
  const findings = findingsOf(db, ids, ownOnly ? person.id : null);
  const arriving = arrivingIn(db, ids, ownOnly ? person.id : null);
  const summaries = summarise(ctx, projectId, rows);
  const views: WorkRequestView[] = [];
  for (const [index, request] of rows.entries()) {
    const round = rounds.get(request.id);
    views.push({
      kind: 'request',
      request: summaries[index]!,
      promiseReason: request.promiseReason,
      submittedAt: round?.submittedAt ?? null,
      processedAt: round?.processedAt ?? null,
      expectedEndAt: expectedEnd(db, request, now),
      findings: findings.get(request.id) ?? noFindings(),
      failedFiles: ownOnly ? 0 : (round?.filesFailed ?? 0),
      missing: section === 'deliver' || section === 'again' ? await missingIn(ctx, request) : null,
      arriving: arriving.get(request.id) ?? null,
      redelivery: redeliveryFor(ctx, section, request),
      remindedAt: section === 'late' || section === 'redeliveries' ? request.remindedAt : null,
    });
  }
  return views;
}

function redeliveryFor(
  { db, person }: PersonContext,
  section: RequestSection,
  request: DeliveryRequest,
): WorkRequestView['redelivery'] {
  if (section === 'again') return latestRedelivery(db, person, request);
  return section === 'redeliveries' ? latestWithoutFindings(db, person, request) : null;
}

async function missingIn(ctx: PersonContext, request: DeliveryRequest): Promise<WorkRequestView['missing']> {
  if (request.fileCount > maxFilesChecked) return null;
  const report = await checkDelivery(ctx, request);
  if (!report) return null;
  const open = report.findings.filter(isBinding);
  const tooFew = open.find(({ rule }) => rule === 'too_few_files')?.details;
  const files = tooFew
    ? Number(tooFew.min) - Number(tooFew.files)
    : open.filter(({ rule }) => rule === 'expected_missing').length;
  return { files, list: open.some(({ rule }) => rule === 'manifest_missing') };
}

function noFindings(): WorkRequestView['findings'] {
  return { total: 0, answered: 0, open: { blocker: 0, issue: 0, note: 0 } };
}

/** The number of open findings in the current round, keyed by request id. With `by`, only those that this person may see. */
function findingsOf(
  db: Reader,
  requestIds: readonly string[],
  by: string | null,
): Map<string, WorkRequestView['findings']> {
  const { requestId, reason, answer, checkedAt, fileId } = reasonFindings;
  const rows = db
    .select({
      requestId,
      reason,
      number: sql<number>`count(*)`,
      answered: sql<number>`sum(${answer} is not null)`,
      open: sql<number>`sum(${checkedAt} is null)`,
    })
    .from(reasonFindings)
    .innerJoin(requests, eq(requests.id, requestId))
    .leftJoin(deliveredFiles, eq(deliveredFiles.id, fileId))
    .where(
      and(
        inList(requestId, requestIds),
        carriedInto(requests.round),
        by === null ? undefined : or(isNull(fileId), eq(deliveredFiles.deliveredBy, by)),
      ),
    )
    .groupBy(requestId, reason)
    .all();
  const severityOf = severities(db);
  const found = new Map<string, WorkRequestView['findings']>();
  for (const row of rows) {
    const counts = found.get(row.requestId) ?? noFindings();
    counts.total += row.number;
    counts.answered += row.answered;
    counts.open[severityOf.get(row.reason) ?? 'issue'] += row.open;
    found.set(row.requestId, counts);
  }
  return found;
}
