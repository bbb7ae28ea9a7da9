/**
 * The sealed receipt of a submitted round. It has no creation time, so all receipts of a round have the same bytes until
 * something happens to the round.
 */
import { createHash } from 'node:crypto';
import { and, asc, desc, eq, lte, sql } from 'drizzle-orm';
import type { Reader } from '@turnover/db/open';
import { events } from '@turnover/db/schema/events';
import { hub } from '@turnover/db/schema/hub';
import { projects } from '@turnover/db/schema/projects';
import { redeliveries, ruleOverrides } from '@turnover/db/schema/requests';
import type { MediaProblem } from '@turnover/domain/media/media-problems';
import type { OutsideStage } from '@turnover/domain/media/outside-stages';
import type { RoundStages, StoredRoundStages } from '@turnover/domain/media/stage-choice';
import type { StageText } from '@turnover/domain/media/stage-words';
import type { FolderVerdict } from '@turnover/domain/manifests/list-history';
import { canonicalJson, receiptFormat, receiptVersion } from '@turnover/domain/requests/receipt-seal';
import { maxReceiptProblems } from '@turnover/domain/requests/receipts';
import type { DeliveryRequest } from '../../access.ts';
import type { PersonContext } from '../../context.ts';
import { viewPeople } from '../../people/person-view.ts';
import { inRound } from '../files/round-scope.ts';
import { viewProblem, withStageWords } from '../processing/inspection.ts';
import { namesOfStages, outsideStagesOfRound } from '../processing/outside-stages.ts';
import { findingsIn, findingsInto } from '../redelivery/findings.ts';
import { findHubKey, hubKey } from '../../hub-key.ts';
import type { Pieces } from './lists.ts';
import { moment, nameOf, receiptFiles, type ReceiptFileView } from './receipt-files.ts';
import type { SubmittedRound } from './round-files.ts';

/** `receipt.json`: the receipt in canonical form, and its seal. */
export async function* writeReceipt(
  ctx: PersonContext,
  request: DeliveryRequest,
  round: SubmittedRound,
): Pieces {
  const key = hubKey(ctx.db);
  const sha256 = createHash('sha256');
  yield '{"receipt":';
  for await (const piece of receiptPieces(ctx, request, round)) {
    sha256.update(piece);
    yield piece;
  }
  yield `,"seal":${canonicalJson(key.seal(sha256.digest('hex')))}}\n`;
}

type SealedReceipt = {
  facts: ReturnType<typeof receiptFacts>;
  stageNames: Record<string, StageText>;
  /** The first files of the round, with their first problems. */
  files: ReturnType<typeof shortened>[];
  /** `fingerprint` is null when the hub has no key: it is made with the first submit. */
  seal: { sha256: string; fingerprint: string | null };
};

/** The receipt for a page, with at most `maxFiles` of its files. Reads all of them for the seal. */
export async function viewReceipt(
  ctx: PersonContext,
  request: DeliveryRequest,
  round: SubmittedRound,
  maxFiles: number,
): Promise<SealedReceipt> {
  const files: ReceiptFileView[] = [];
  const sha256 = createHash('sha256');
  const keep = (page: readonly ReceiptFileView[]) => {
    files.push(...page.slice(0, Math.max(0, maxFiles - files.length)));
  };
  for await (const piece of receiptPieces(ctx, request, round, keep)) sha256.update(piece);
  const fingerprint = findHubKey(ctx.db)?.fingerprint ?? null;
  const facts = receiptFacts(ctx, request, round);
  const outside = outsideStagesOfRound(ctx.db, facts.round.stages);
  return {
    facts,
    stageNames: namesOfStages(outside),
    files: files.map((file) => shortened(file, outside)),
    seal: { sha256: sha256.digest('hex'), fingerprint },
  };
}

function shortened(file: ReceiptFileView, outside: ReadonlyMap<string, OutsideStage>) {
  const problems = file.problems
    .slice(0, maxReceiptProblems)
    .map(({ stage, code, details }) => viewProblem(stage, { code, ...details } as MediaProblem));
  return { ...file, problems: withStageWords(problems, outside), problemCount: file.problems.length };
}

/** Yields the receipt in canonical form, page by page: inserts the files at their place among the sorted keys. */
async function* receiptPieces(
  ctx: PersonContext,
  request: DeliveryRequest,
  round: SubmittedRound,
  onPage: (page: readonly ReceiptFileView[]) => void = () => {},
): Pieces {
  const facts: Record<string, unknown> = { ...receiptFacts(ctx, request, round), files: null };
  let mark = '{';
  for (const key of Object.keys(facts).toSorted()) {
    yield `${mark}${JSON.stringify(key)}:`;
    mark = ',';
    if (key !== 'files') {
      yield canonicalJson(facts[key]);
      continue;
    }
    let before = '[';
    for await (const page of receiptFiles(ctx.db, round)) {
      onPage(page);
      yield before + page.map(canonicalJson).join(',');
      before = ',';
    }
    yield before === '[' ? '[]' : ']';
  }
  yield '}';
}

/** The part of a receipt about the round as a whole. */
export function receiptFacts(ctx: PersonContext, request: DeliveryRequest, round: SubmittedRound) {
  const { db, person } = ctx;
  const { number } = round;
  const asked = db
    .select()
    .from(redeliveries)
    .where(and(eq(redeliveries.requestId, request.id), eq(redeliveries.round, number)))
    .get();
  const accepted = acceptanceOf(db, request, round);
  const overrides = db
    .select()
    .from(ruleOverrides)
    .where(and(eq(ruleOverrides.requestId, request.id), lte(ruleOverrides.round, number)))
    .orderBy(asc(ruleOverrides.rule), asc(ruleOverrides.pathKey))
    .all();
  const people = viewPeople(db, [
    round.submittedBy,
    ...(asked ? [asked.askedBy] : []),
    ...(accepted?.actorId ? [accepted.actorId] : []),
    ...overrides.map(({ by }) => by),
  ]);
  const project = db
    .select({ id: projects.id, name: projects.name })
    .from(projects)
    .where(eq(projects.id, request.projectId))
    .get();
  return {
    format: receiptFormat,
    version: receiptVersion,
    hub: { id: db.select({ id: hub.id }).from(hub).get()?.id ?? null },
    project: project ?? null,
    request: { id: request.id, name: request.name, type: typeOf(request, round) },
    round: {
      number,
      submittedAt: moment(round.submittedAt),
      submittedBy: nameOf(people, round.submittedBy),
      processedAt: moment(round.processedAt),
      filesFailed: round.filesFailed,
      stages: round.stages && stagesOf(round.stages),
    },
    totals: totalsOf(db, round),
    lists: listsOf(db, round),
    overrides: overrides.map(({ rule, path, reason, by, at }) => ({
      rule,
      path: path === '' ? null : path,
      reason,
      by: nameOf(people, by),
      at: moment(at),
    })),
    findings: [...findingsInto(db, person, request, number), ...findingsIn(db, person, request, number)].map(
      ({ id, file, by, at, answer, checked, ...finding }) => ({
        ...finding,
        path: file?.path ?? null,
        by: by && nameOf(new Map([[by.id, by]]), by.id),
        at: moment(at),
        answer: answer && {
          is: answer.is,
          comment: answer.comment,
          round: answer.round,
          at: moment(answer.at),
        },
        resolved: checked && { round: checked.round, at: moment(checked.at) },
      }),
    ),
    redelivery: asked
      ? {
          at: moment(asked.askedAt),
          by: nameOf(people, asked.askedBy),
          reasons: asked.reasons,
          comment: asked.comment,
        }
      : null,
    accepted: accepted ? { at: moment(accepted.at), by: nameOf(people, accepted.actorId) } : null,
  };
}

/** The type that judged the round. The request may have another one by now. */
function typeOf(request: DeliveryRequest, { stages }: SubmittedRound) {
  if (stages?.type !== undefined) return stages.type;
  return request.typeId === null ? null : { id: request.typeId, version: request.typeVersion };
}

function stagesOf({ type: _, ...stages }: StoredRoundStages): RoundStages {
  return stages;
}

/** Who accepted the round. Only the last round of a request can be accepted. */
function acceptanceOf(db: Reader, request: DeliveryRequest, { number }: SubmittedRound) {
  if (request.status !== 'accepted' || request.round !== number) return undefined;
  return db
    .select({ at: events.at, actorId: events.actorId })
    .from(events)
    .where(and(eq(events.requestId, request.id), eq(events.kind, 'request.accepted')))
    .orderBy(desc(events.id))
    .limit(1)
    .get();
}

function totalsOf(db: Reader, { requestId, number }: SubmittedRound) {
  return db.get<{ files: number; sizeBytes: number }>(sql`
    select count(*) as files, coalesce(sum(asset.size_bytes), 0) as sizeBytes
    from delivered_files as file join assets as asset on asset.id = file.asset_id
    where file.request_id = ${requestId} and ${inRound(number)}`);
}

/** The delivered checksum lists: the number of listed files that were not delivered, and the verdict on its folders. */
function listsOf(db: Reader, { requestId, number }: SubmittedRound) {
  const rows = db.all<{ path: string; missing: number; folders: string | null }>(sql`
    select file.path, (
      select count(distinct entry.path) from manifest_entries as entry
      where entry.list_id = file.id and entry.verdict = 'missing' and entry.match_notes <> 'the_list_itself'
    ) as missing, list.history -> '$.folders' as folders
    from delivered_files as file left join manifests as list on list.file_id = file.id
    where file.request_id = ${requestId} and file.is_manifest = 1 and ${inRound(number)}
    order by file.path_key limit 1000`);
  return rows.map(({ folders: stored, ...list }) => {
    const folders = stored === null ? null : (JSON.parse(stored) as FolderVerdict);
    // Left out otherwise, so that older receipts keep their seals.
    return folders === null || folders.state === 'none' ? list : { ...list, folders };
  });
}
