/** Checks a Workspace selection against a request before anything is delivered. */
import type {
  CheckedFileView,
  CheckFromWorkspaceInput,
  DeliveryCheckView,
} from '@turnover/domain/requests/from-workspace';
import { deliveryOutcomes } from '@turnover/domain/requests/from-workspace';
import { mediaKind } from '@turnover/domain/media/media-kinds';
import { decide } from '@turnover/domain/people/permissions';
import { refuseAction } from '@turnover/domain/requests/actions';
import { arrivalChecks, needOf } from '@turnover/domain/rules/pre-flight';
import { relationTo, type DeliveryRequest } from '../access.ts';
import { inTurns, othersTurn, turnsOf } from '../batches.ts';
import type { PersonContext } from '../context.ts';
import { viewPeople } from '../people/person-view.ts';
import { everyFile, hasLiveStage } from '../requests/files/remove.ts';
import { presentSummary } from '../requests/files/present.ts';
import { overridesOf } from '../requests/rule-overrides.ts';
import { revisionOf } from '../requests/revision.ts';
import { reviewAfterwards } from '../requests/rule-checks.ts';
import { contentFacts } from '../requests/transitions.ts';
import { rulesOf } from '../requests/types.ts';
import { noAnswers, planDelivery, type PlannedFile } from './delivery-plan.ts';
import { filesBelow, selectedEntries } from './selected-files.ts';

const maxListed = 500;

export async function checkFromWorkspace(
  ctx: PersonContext,
  request: DeliveryRequest,
  input: Omit<CheckFromWorkspaceInput, 'requestId'>,
): Promise<DeliveryCheckView> {
  const { answers = noAnswers, clearExisting } = input;
  const revision = revisionOf(ctx.db, request.id);
  await othersTurn();
  const entryIds = selectedEntries(ctx.db, ctx, request.projectId, input);
  await othersTurn();
  const { files, leftOut } = filesBelow(ctx.db, entryIds);
  await othersTurn();
  const plan = await turnsOf(planDelivery(ctx.db, ctx, request, files, { answers, clearExisting }));
  const going = plan.filter(({ outcome }) => outcome === 'add' || outcome === 'replace');
  const replaced = new Set(
    plan.filter(({ outcome }) => outcome === 'replace').map(({ keys }) => keys.pathKey),
  );
  const after = await reviewAfterwards(ctx, request, {
    arriving: going.map(({ as: path, sizeBytes }) => ({ path, sizeBytes })),
    isLeaving: (key) => clearExisting || replaced.has(key),
  });
  const { problems: whole, ...numbers } = after;
  return {
    revision,
    files: viewFiles(ctx, plan),
    counts: await countPlan(ctx, request, plan),
    leftOut: leftOut.length,
    whole,
    after: numbers,
    clear: {
      ...presentSummary(ctx, request),
      keptDays: ctx.limits.trashDays,
      whyNot: whyNotClear(ctx, request),
    },
  };
}

async function countPlan(
  ctx: PersonContext,
  request: DeliveryRequest,
  plan: readonly PlannedFile[],
): Promise<DeliveryCheckView['counts']> {
  const check = arrivalChecks(rulesOf(ctx.db, request), overridesOf(ctx.db, request.id));
  const needs = { fit: 0, renamed: 0, reason: 0, both: 0, blocked: 0 };
  await inTurns(plan, (file) => {
    const remaining = file.offered === null ? file.problems : check({ ...file, path: file.offered });
    needs[needOf(file.problems, remaining)] += 1;
  });
  const outcome = Object.fromEntries(
    deliveryOutcomes.map((each) => [each, plan.filter((file) => file.outcome === each).length]),
  ) as DeliveryCheckView['counts']['outcome'];
  return { files: plan.length, ...needs, outcome };
}

/** Files with problems or questions come first. */
function viewFiles(ctx: PersonContext, plan: readonly PlannedFile[]): CheckedFileView[] {
  const isQuiet = ({ problems, left, taken, outcome }: PlannedFile) =>
    outcome === 'add' && taken === null && problems.length + left.length === 0;
  const loud = plan.filter((file) => !isQuiet(file));
  const listed = [...loud.slice(0, maxListed), ...plan.filter(isQuiet).slice(0, maxListed - loud.length)];
  const people = viewPeople(
    ctx.db,
    listed.flatMap(({ taken }) => taken?.file?.deliveredBy ?? []),
  );
  return listed.map(({ entryId, path, as, offered, sizeBytes, problems, left, taken, outcome }) => {
    const file = taken?.file;
    const seen = file && {
      sizeBytes: file.sizeBytes,
      deliveredBy: people.get(file.deliveredBy)!,
      addedAt: file.addedAt,
      round: file.round,
    };
    return {
      entryId,
      path,
      as,
      offered,
      sizeBytes,
      mediaKind: mediaKind(path),
      problems,
      left,
      taken: taken && { by: taken.by, whyNotReplace: taken.whyNotReplace, file: seen ?? null },
      outcome,
    };
  });
}

function whyNotClear(ctx: PersonContext, request: DeliveryRequest): DeliveryCheckView['clear']['whyNot'] {
  if (decide('file:clear', relationTo(ctx.db, ctx.person, request)) !== 'granted') {
    return { code: 'forbidden', details: { permission: 'file:clear' } };
  }
  if (request.status !== 'redelivery') {
    return { code: 'status_forbids', details: { action: 'clear', status: request.status } };
  }
  const isProcessing = hasLiveStage(ctx.db, request, everyFile);
  return refuseAction('clear', { ...contentFacts(request), isProcessing });
}
