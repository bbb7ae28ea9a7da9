/**
 * Delivers files from a Workspace into a request. The request uses the same assets, so no bytes are copied. Folders keep
 * their structure.
 */
import type { Transaction } from '@turnover/db/open';
import { inTransaction } from '@turnover/db/transaction';
import { versionOf } from '@turnover/db/version';
import { HubError } from '@turnover/domain/errors';
import { refuseAction } from '@turnover/domain/requests/actions';
import type { AddedFilesView, AddFromWorkspaceInput } from '@turnover/domain/requests/from-workspace';
import { isBinding } from '@turnover/domain/rules/rule-codes';
import type { PreFlightRule } from '@turnover/domain/rules/rule-codes';
import { loadRequest, relationTo, requirePermission, type DeliveryRequest } from '../access.ts';
import { othersTurn, turnsOf } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { addFiles, refuseUploading } from '../requests/files/add.ts';
import { everyFile, hasLiveStage, takeOutFiles } from '../requests/files/remove.ts';
import { isManifest, mayBeManifest } from '../manifests/recognition.ts';
import { contentFacts, currentRequest, refused } from '../requests/transitions.ts';
import { revisionOf } from '../requests/revision.ts';
import { refuseProblem, refuseSystemFile } from '../requests/rule-checks.ts';
import { storeOverrides } from '../requests/rule-overrides.ts';
import { noAnswers, planAtOnce, planDelivery, type PlannedFile } from './delivery-plan.ts';
import { filesBelow, selectedEntries } from './selected-files.ts';

type Input = Omit<AddFromWorkspaceInput, 'requestId'>;

/** Throws and adds nothing when a broken rule or a taken name has no answer that says how to handle it. */
export async function addFromWorkspace(
  asking: PersonContext,
  asked: DeliveryRequest,
  input: Input,
): Promise<AddedFilesView> {
  const { id, projectId } = asked;
  const { clearExisting } = input;
  const answers = input.answers ?? { ...noAnswers, onCollision: input.replace ? 'replace' : 'refuse' };
  const terms = { answers, clearExisting };
  await othersTurn();
  const seenAt = versionOf(asking.db);
  const entryIds = selectedEntries(asking.db, asking, projectId, input);
  await othersTurn();
  const seen = filesBelow(asking.db, entryIds);
  await othersTurn();
  const plan = await turnsOf(planDelivery(asking.db, asking, asked, seen.files, terms));
  const recognised = await recogniseManifests(asking, plan);
  await othersTurn();
  return inTransaction(asking.db, (tx) => {
    // All rows get the same time: `undoAdd` finds the rows that belong together by it.
    const at = asking.clock();
    const ctx = { ...asking, clock: () => at };
    const present = loadRequest(tx, ctx.person, id, 'file:add');
    // If nobody wrote to the database meanwhile, the plan is still valid and need not be made again.
    const isSame = versionOf(asking.db) === seenAt;
    const { files, leftOut } = isSame ? seen : filesBelow(tx, selectedEntries(tx, ctx, projectId, input));
    // An empty delivery must not clear the present files.
    if (files.length === 0 && leftOut.length > 0) refuseSystemFile(leftOut[0]!.path);
    if (files.length === 0) throw new HubError('nothing_changed', 'There are no files in this selection.');
    const planned = isSame ? plan : planAtOnce(tx, ctx, present, files, terms);
    refuseOpen(planned);
    const going = planned.filter(({ outcome }) => outcome === 'add' || outcome === 'replace');
    const skipped = {
      skipped: planned.filter(({ outcome }) => outcome === 'skip').length,
      there: planned.filter(({ outcome }) => outcome === 'there').length,
      ...(leftOut.length > 0 && { leftOut: leftOut.length }),
    };
    if (going.length === 0) return { added: 0, replaced: 0, cleared: 0, eventId: null, ...skipped };
    const replaces = going.some(({ outcome }) => outcome === 'replace');
    if (clearExisting || replaces) requireRevision(tx, id, input.revision);
    const cleared = clearExisting ? clearForRedelivery(tx, ctx, present) : 0;
    const request = clearExisting ? currentRequest(tx, id) : present;
    const deliveries = going.map(({ as: path, assetId, sizeBytes, keys, ...file }) => {
      const isList = isCandidate({ ...file, as: path, sizeBytes }) && answerFor(recognised, assetId, path);
      return { path, assetId, sizeBytes, keys, isManifest: isList };
    });
    refuseUploading(
      tx,
      id,
      going.map(({ keys }) => keys.pathKey),
    );
    overrideRules(tx, ctx, request, going);
    const by = { deliveredBy: ctx.person.id, replace: replaces, fromWorkspace: true };
    const { fileIds, replaced } = addFiles(tx, ctx, request, deliveries, by);
    // The last event of this transaction is the one about the added files.
    return { added: fileIds.length, replaced, cleared, eventId: revisionOf(tx, id), ...skipped };
  });
}

/** Throws the first rule problem without an answer, otherwise the first taken name. */
function refuseOpen(planned: readonly PlannedFile[]): void {
  const open = planned.filter(({ outcome }) => outcome === 'open');
  if (open.length === 0) return;
  const broken = open.flatMap(({ left, override }) =>
    left.filter((problem) => isBinding(problem) && !(problem.verdict === 'overridable' && override !== null)),
  );
  const first = broken.find(({ verdict }) => verdict === 'blocking') ?? broken[0];
  if (first) refuseProblem(first, broken.length);
  const name = open[0]!.taken?.file?.path ?? open[0]!.as;
  throw new HubError('name_taken', `There is already a file called “${name}”.`, { name, count: open.length });
}

/** Throws when the request has changed since the check: clearing and replacing may concern only what the person saw there. */
function requireRevision(tx: Transaction, requestId: string, revision: number | undefined): void {
  if (revision === undefined || revision === revisionOf(tx, requestId)) return;
  throw new HubError('conflict', 'The request changed since the check. Check again.');
}

/** Removes all present files, and returns their number. */
function clearForRedelivery(tx: Transaction, ctx: PersonContext, request: DeliveryRequest): number {
  requirePermission('file:clear', relationTo(tx, ctx.person, request));
  if (request.status !== 'redelivery') {
    const details = { action: 'clear', status: request.status };
    throw refused(tx, request, { code: 'status_forbids', details }, ctx.person.id);
  }
  const isProcessing = hasLiveStage(tx, request, everyFile);
  const refusal = refuseAction('clear', { ...contentFacts(request), isProcessing });
  if (refusal) throw refused(tx, request, refusal, ctx.person.id);
  return takeOutFiles(tx, ctx, request, everyFile, { removal: 'cleared', actorId: ctx.person.id });
}

/** Stores the overrides with one event for each rule and reason, however many files they concern. */
function overrideRules(
  tx: Transaction,
  ctx: PersonContext,
  request: DeliveryRequest,
  going: readonly PlannedFile[],
): void {
  const overridden = going.flatMap(({ as, left, override }) =>
    override === null
      ? []
      : left
          .filter(({ verdict }) => verdict === 'overridable')
          .map(({ rule }) => ({ rule, path: as, reason: override })),
  );
  for (const group of Map.groupBy(overridden, ({ rule, reason }) => `${rule} ${reason}`).values()) {
    const { rule, reason } = group[0] as { rule: PreFlightRule; reason: string };
    storeOverrides(tx, ctx, request, { rule, paths: group.map(({ path }) => path) }, reason);
  }
}

/**
 * Finds out which files are checksum lists, keyed by asset and name. Runs before the transaction, which cannot wait for
 * files.
 */
async function recogniseManifests(
  ctx: PersonContext,
  planned: readonly PlannedFile[],
): Promise<Map<string, boolean>> {
  const answers = new Map<string, boolean>();
  for (const file of planned.filter(isCandidate)) {
    const key = answerKey(file.assetId, file.as);
    if (!answers.has(key)) answers.set(key, await isManifest(ctx.storage, { ...file, name: file.as }));
  }
  return answers;
}

function isCandidate({
  as,
  sizeBytes,
  isStored,
}: Pick<PlannedFile, 'as' | 'sizeBytes' | 'isStored'>): boolean {
  return isStored && mayBeManifest({ name: as, sizeBytes });
}

function answerFor(answers: ReadonlyMap<string, boolean>, assetId: string, path: string): boolean {
  const answer = answers.get(answerKey(assetId, path));
  // The file was added to the folder, or its bytes were published, while the other files were read.
  if (answer === undefined) throw new HubError('conflict', 'The Workspace changed in the meantime.');
  return answer;
}

function answerKey(assetId: string, path: string): string {
  return `${assetId} ${path}`;
}
