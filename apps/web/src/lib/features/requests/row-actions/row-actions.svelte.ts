/** The actions on a request in a list, without opening its page: which dialog is open, and for which request. */
import { getLocale } from '@turnover/messages/locale';
import type { MemberView } from '@turnover/domain/people/projects';
import type { PossibleAction } from '@turnover/domain/requests/actions';
import type { ReasonView } from '@turnover/domain/requests/reasons';
import type { AssigneeInput, RequestSummaryView, RequestView } from '@turnover/domain/requests/requests';
import * as m from '@turnover/messages/messages';
import { wordsForCaught } from '#lib/errors.ts';
import { toaster, type ToastAction } from '#lib/ui/overlays/toaster.svelte.ts';
import { trpc } from '#lib/trpc.ts';
import { openFindings } from '../redelivery/open-findings.ts';
import { explainRefusal } from '../refusal-words.ts';

export type RowAction =
  | Extract<
      PossibleAction,
      | 'accept'
      | 'askForRedelivery'
      | 'assign'
      | 'promise'
      | 'remind'
      | 'cancel'
      | 'reopen'
      | 'restore'
      | 'submit'
    >
  | 'dueDate'
  | 'duplicate';

/** `accept` opens a dialog only when something is unresolved. */
export type RowDialog = Exclude<RowAction, 'remind' | 'reopen' | 'restore' | 'submit'>;

/** At most one dialog is open at a time. */
export class RowActions {
  dialog = $state<RowDialog | null>(null);
  request = $state.raw<RequestSummaryView | null>(null);
  /** The complete request, for dialogs that need more than its row. */
  whole = $state.raw<RequestView | null>(null);
  reasons = $state.raw<readonly ReasonView[]>([]);
  members = $state.raw<readonly MemberView[]>([]);
  /** Text about what is unresolved in the request to accept. */
  open = $state('');
  /** The request that an action is running for. */
  busyId = $state<string | null>(null);
  readonly #changed: () => unknown;

  /** `changed` reloads the list. */
  constructor(changed: () => unknown) {
    this.#changed = changed;
  }

  readonly act = async (action: RowAction, request: RequestSummaryView): Promise<void> => {
    if (this.busyId !== null) return;
    this.busyId = request.id;
    this.request = request;
    try {
      await this.#begin(action, request);
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
      await this.#changed();
    } finally {
      this.busyId = null;
    }
  };

  /** Called after a dialog: reloads the list and reports what was done. `undo` reverses it. */
  readonly done = async (words: string, undo?: () => Promise<unknown>): Promise<void> => {
    this.dialog = null;
    toaster.show({ text: words, tone: 'ok', ...(undo && { action: this.#toUndo(undo) }) });
    await this.#changed();
  };

  readonly assign = async (assignees: AssigneeInput[], revision?: number): Promise<void> => {
    await trpc.requests.assign.mutate({ requestId: this.request!.id, assignees, revision });
    await this.done(m.requests_assigned({ count: 1 }));
  };

  readonly accept = async (): Promise<void> => {
    const { id: requestId, possible } = this.whole!;
    await trpc.requests.accept.mutate({ requestId });
    const mayReopen = possible.reopen?.code !== 'forbidden';
    const undo = () => trpc.requests.reopen.mutate({ requestId });
    await this.done(m.request_toast_accepted(), mayReopen ? undo : undefined);
  };

  readonly cancel = async (): Promise<void> => {
    const requestId = this.request!.id;
    await trpc.requests.cancel.mutate({ requestId });
    await this.done(m.request_toast_cancelled(), () => trpc.requests.restore.mutate({ requestId }));
  };

  #toUndo(undo: () => Promise<unknown>): ToastAction {
    const run = async () => {
      try {
        await undo();
      } catch (error) {
        toaster.show({ text: wordsForCaught(error), tone: 'bad' });
      }
      await this.#changed();
    };
    return { label: m.action_undo(), run };
  }

  async #begin(action: RowAction, { id: requestId, projectId }: RequestSummaryView): Promise<void> {
    switch (action) {
      case 'remind':
        await trpc.requests.remind.mutate({ requestId });
        return this.done(m.work_remind_done());
      case 'submit':
        await trpc.requests.submit.mutate({ requestId });
        return this.done(m.request_toast_submitted());
      case 'reopen':
        await trpc.requests.reopen.mutate({ requestId });
        return this.done(m.request_toast_reopened());
      case 'restore':
        await trpc.requests.restore.mutate({ requestId });
        return this.done(m.request_toast_restored());
      case 'accept':
        return this.#askOrAccept(requestId);
      case 'askForRedelivery':
      case 'promise':
        await this.#loadWhole(requestId);
        break;
      case 'assign':
        this.members = await trpc.members.list.query({ projectId });
        break;
    }
    this.dialog = action;
  }

  async #askOrAccept(requestId: string): Promise<void> {
    await this.#loadWhole(requestId);
    const { name, projectId, possible } = this.whole!;
    // Blockers that prevent Accept are resolved on the page of the request.
    const why = explainRefusal(possible.accept);
    if (why !== undefined) {
      const link = { label: name, href: `/p/${projectId}/deliveries/${requestId}` };
      toaster.show({ text: why, tone: 'warn', link });
      return;
    }
    this.open = openFindings(this.whole!, this.reasons);
    if (this.open === '') await this.accept();
    else this.dialog = 'accept';
  }

  async #loadWhole(requestId: string): Promise<void> {
    [this.whole, this.reasons] = await Promise.all([
      trpc.requests.get.query({ requestId }),
      trpc.reasons.list.query({ locale: getLocale() }),
    ]);
  }
}
