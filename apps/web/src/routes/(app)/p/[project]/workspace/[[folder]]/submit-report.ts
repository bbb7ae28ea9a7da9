/** Reports the result of a submit from the Workspace, and offers to undo it or to submit the request. */
import type { AddedFilesView } from '@turnover/domain/requests/from-workspace';
import type { RequestSummaryView, RequestView } from '@turnover/domain/requests/requests';
import { isBinding } from '@turnover/domain/rules/rule-codes';
import * as m from '@turnover/messages/messages';
import { wordsForCaught } from '#lib/errors.ts';
import { explainRefusal } from '#lib/features/requests/refusal-words.ts';
import { isRule } from '@turnover/domain/rules/rule-codes';
import { wordsForProblem } from '#lib/rule-words.ts';
import { trpc } from '#lib/trpc.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';

/** Shows the toast. It stays until it is closed, so that nobody overlooks that the request is not submitted yet. */
export async function reportSubmit(
  { id: requestId, projectId, name }: RequestSummaryView,
  added: AddedFilesView,
  reload: () => Promise<void>,
): Promise<void> {
  const link = { label: name, href: `/p/${projectId}/deliveries/${requestId}` };
  const { eventId } = added;
  const extra = extraWords(added);
  if (eventId === null) {
    toaster.show({ text: m.submit_none_added(), link, detail: extra, stays: true });
    return;
  }
  const { held, isAutomatic } = await stateOf(requestId);
  const next = isAutomatic
    ? m.submit_by_itself()
    : held === null
      ? m.submit_not_yet()
      : `${m.submit_not_yet()} ${m.submit_held({ reason: held })}`;
  toaster.show({
    text: addedWords(added),
    link,
    detail: [extra, next].filter(Boolean).join(' '),
    tone: 'ok',
    stays: true,
    action: { label: m.action_undo(), run: () => undo(requestId, name, eventId, reload) },
    mainAction:
      held === null && !isAutomatic
        ? { label: m.workspace_submit(), run: () => submit(requestId, name, reload) }
        : undefined,
  });
}

function addedWords({ added, replaced, cleared }: AddedFilesView): string {
  if (cleared > 0) return m.submit_cleared_added({ count: cleared, added });
  const fresh = added - replaced;
  if (fresh > 0 && replaced > 0) return m.submit_added_replaced({ added: fresh, replaced });
  return replaced > 0 ? m.submit_replaced({ count: replaced }) : m.submit_added({ count: added });
}

function extraWords({ there, skipped, leftOut = 0 }: AddedFilesView): string {
  return [
    there > 0 && m.submit_were_there({ count: there }),
    skipped > 0 && m.submit_were_skipped({ count: skipped }),
    leftOut > 0 && m.check_left_out({ count: leftOut }),
  ]
    .filter(Boolean)
    .join(' ');
}

/** Returns why the request cannot be submitted now; null when it can. */
async function stateOf(requestId: string): Promise<{ held: string | null; isAutomatic: boolean }> {
  try {
    const request = await trpc.requests.get.query({ requestId });
    return { held: (await whyHeld(request)) ?? null, isAutomatic: request.automaticSubmit };
  } catch (error) {
    return { held: wordsForCaught(error), isAutomatic: false };
  }
}

async function whyHeld({ id: requestId, possible }: RequestView): Promise<string | undefined> {
  if (possible.submit) return explainRefusal(possible.submit);
  const report = await trpc.requests.checks.query({ requestId });
  const first = report?.findings.find(isBinding);
  return first && isRule(first.rule) ? wordsForProblem(first.rule, first) : undefined;
}

async function undo(requestId: string, name: string, eventId: number, reload: () => Promise<void>) {
  try {
    await trpc.requestFiles.undoAdd.mutate({ requestId, eventId });
    toaster.show({ text: m.submit_undone({ request: name }), tone: 'ok' });
  } catch (error) {
    toaster.show({ text: wordsForCaught(error), tone: 'bad' });
  }
  await reload();
}

async function submit(requestId: string, name: string, reload: () => Promise<void>) {
  try {
    await trpc.requests.submit.mutate({ requestId });
    toaster.show({ text: m.submit_submitted({ request: name }), tone: 'ok' });
  } catch (error) {
    toaster.show({ text: wordsForCaught(error), tone: 'bad' });
  }
  await reload();
}
