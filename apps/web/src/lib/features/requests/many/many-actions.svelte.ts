/**
 * The actions on the selected requests of the list: which are possible, and their results with reasons for failures.
 */
import type { MemberView, Role } from '@turnover/domain/people/projects';
import { offersIn, type PossibleAction, type Refusal } from '@turnover/domain/requests/actions';
import type { ManyDoneView } from '@turnover/domain/requests/many';
import type { AssigneeInput, RequestSummaryView } from '@turnover/domain/requests/requests';
import * as m from '@turnover/messages/messages';
import { wordsForCaught } from '#lib/errors.ts';
import { trpc } from '#lib/trpc.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import { inSlices } from './in-slices.ts';

export const manyActions = ['accept', 'dueDate', 'assign', 'cancel'] as const;
export type ManyAction = (typeof manyActions)[number];

const gates: Record<ManyAction, PossibleAction> = {
  accept: 'accept',
  dueDate: 'update',
  assign: 'assign',
  cancel: 'cancel',
};

const doneWords: Record<ManyAction | 'undone', (input: { count: number }) => string> = {
  accept: m.requests_many_accepted,
  dueDate: m.requests_many_due,
  assign: m.requests_assigned,
  cancel: m.requests_many_cancelled,
  undone: m.requests_many_undone,
};

export type ManyReport = { done: string; refused: ManyDoneView['refused'] };

type Selected = Pick<RequestSummaryView, 'id' | 'status'>;
type Context = {
  projectId: () => string;
  role: () => Role | null;
  selected: () => readonly Selected[];
  /** Reloads the list. */
  changed: () => unknown;
};

export class ManyActions {
  dialog = $state<ManyAction | null>(null);
  members = $state.raw<readonly MemberView[]>([]);
  /** The report of the last action; null when everything succeeded. */
  report = $state.raw<ManyReport | null>(null);
  readonly #of: Context;

  constructor(of: Context) {
    this.#of = of;
  }

  /** Returns true when the role may take the action in some status. */
  offers(action: ManyAction): boolean {
    // The role does not depend on the status.
    return offersIn('open', this.#of.role()).has(gates[action]);
  }

  /** Returns how many of the selected requests allow the action in their status. */
  count(action: ManyAction): number {
    return this.#of.selected().filter(({ status }) => this.#refusal(action, status) === null).length;
  }

  /** Returns why no selected request allows the action; null when one does. */
  refusal(action: ManyAction): Refusal | null {
    const [first] = this.#of.selected();
    return first && this.count(action) === 0 ? (this.#refusal(action, first.status) ?? null) : null;
  }

  readonly open = async (action: ManyAction): Promise<void> => {
    try {
      const projectId = this.#of.projectId();
      if (action === 'assign') this.members = await trpc.members.list.query({ projectId });
      this.dialog = action;
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
  };

  readonly accept = async (): Promise<void> => {
    const result = await this.#inSlices((some) => trpc.requests.acceptMany.mutate(some));
    const mayReopen = offersIn('accepted', this.#of.role()).has('reopen');
    const undo = () => this.#inSlices((some) => trpc.requests.reopenMany.mutate(some), result.done);
    await this.#finish('accept', result, mayReopen ? undo : undefined);
  };

  readonly cancel = async (): Promise<void> => {
    const result = await this.#inSlices((some) => trpc.requests.cancelMany.mutate(some));
    const undo = () => this.#inSlices((some) => trpc.requests.restoreMany.mutate(some), result.done);
    await this.#finish('cancel', result, undo);
  };

  readonly assign = async (assignees: AssigneeInput[]): Promise<void> => {
    const result = await this.#inSlices((some) => trpc.requests.assignMany.mutate({ ...some, assignees }));
    await this.#finish('assign', result);
  };

  readonly setDueDate = async (dueAt: number | null): Promise<void> => {
    const projectId = this.#of.projectId();
    const set = (dates: { requestId: string; dueAt: number | null; was?: number | null }[]) =>
      inSlices(dates, (some) => trpc.requests.setDueDates.mutate({ projectId, dates: some }));
    const result = await set(this.#of.selected().map(({ id }) => ({ requestId: id, dueAt })));
    const undo = () => set(result.before.map((date) => ({ ...date, was: dueAt })));
    await this.#finish('dueDate', result, undo);
  };

  #refusal(action: ManyAction, status: Selected['status']): Refusal | null | undefined {
    return offersIn(status, this.#of.role()).get(gates[action]);
  }

  #inSlices(
    call: (input: { projectId: string; requestIds: string[] }) => Promise<ManyDoneView>,
    ids: readonly string[] = this.#of.selected().map(({ id }) => id),
  ): Promise<ManyDoneView> {
    const projectId = this.#of.projectId();
    return inSlices(ids, (requestIds) => call({ projectId, requestIds }));
  }

  /** Reports how many succeeded, offers to undo them, and lists the others one by one. */
  async #finish(
    action: ManyAction | 'undone',
    { done, refused }: ManyDoneView,
    undo?: () => Promise<ManyDoneView>,
  ): Promise<void> {
    this.dialog = null;
    const text = doneWords[action]({ count: done.length });
    if (done.length > 0)
      toaster.show({
        text,
        tone: 'ok',
        ...(undo && { action: { label: m.action_undo(), run: () => this.#undo(undo) } }),
      });
    if (refused.length > 0) this.report = { done: text, refused };
    await this.#of.changed();
  }

  async #undo(undo: () => Promise<ManyDoneView>): Promise<void> {
    try {
      await this.#finish('undone', await undo());
    } catch (error) {
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
      await this.#of.changed();
    }
  }
}
