/** The recipients of a share: typed names and addresses, and the hub's verdict on each address. */
import { goodVerdicts, maxRecipients, type RecipientView } from '@turnover/domain/workspace/shares';
import * as m from '@turnover/messages/messages';
import { wordsForRecipient } from '#lib/error-words.ts';
import { wordsForCaught } from '#lib/errors.ts';
import type { Chip } from '#lib/ui/controls/chips.ts';
import { mergeRecipients, parseRecipients, recipientKey, type Recipient } from './recipients.ts';

type Check = (people: string[]) => Promise<RecipientView[]>;

export class RecipientList {
  recipients = $state.raw<readonly Recipient[]>([]);
  /** The number of recipients in the last pasted list that did not fit. */
  leftOut = $state(0);
  /** Why the last check failed. */
  failure = $state<string>();
  #verdicts = $state.raw<ReadonlyMap<string, RecipientView>>(new Map());
  #running = new Set<Promise<void>>();
  readonly #check: Check;

  readonly chips = $derived(this.recipients.map((recipient) => this.#chipOf(recipient)));
  readonly bad = $derived(this.chips.filter(({ problem }) => problem !== undefined));
  readonly good = $derived(
    this.recipients.flatMap(({ email }) => {
      const view = this.#verdicts.get(email ?? '');
      return view && goodVerdicts.includes(view.verdict) ? [view] : [];
    }),
  );
  /** Recipients who have no account or are not members of the project. */
  readonly invited = $derived(this.good.filter(({ verdict }) => verdict === 'invited'));

  /** Recipients whose address is not confirmed. */
  readonly unconfirmed = $derived(this.good.filter(({ unconfirmed }) => unconfirmed));

  constructor(check: Check) {
    this.#check = check;
  }

  /** Adds typed or pasted text. */
  add(text: string): void {
    this.#take(parseRecipients(text));
  }

  /** Adds a suggested person. The hub still checks whether they may receive the share. */
  choose(view: RecipientView): void {
    this.#verdicts = new Map(this.#verdicts).set(view.email, view);
    this.#take([{ email: view.email, text: view.person?.name ?? view.email }]);
  }

  remove(key: string): void {
    this.recipients = this.recipients.filter((recipient) => recipientKey(recipient) !== key);
    this.leftOut = 0;
  }

  removeBad(): void {
    const bad = new Set(this.bad.map(({ id }) => id));
    this.recipients = this.recipients.filter((recipient) => !bad.has(recipientKey(recipient)));
    this.leftOut = 0;
  }

  clear(): void {
    this.recipients = [];
    this.leftOut = 0;
    this.failure = undefined;
  }

  /** Checks the recipients that have no verdict yet again. */
  checkAgain(): void {
    const unknown = this.recipients.flatMap(({ email }) =>
      email !== null && !this.#verdicts.has(email) ? [email] : [],
    );
    this.#ask(unknown);
  }

  /** Resolves when all checks have ended. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }

  #take(more: readonly Recipient[]): void {
    const { recipients, added, leftOut } = mergeRecipients(this.recipients, more);
    this.recipients = recipients;
    this.leftOut = leftOut;
    this.#ask(added.flatMap(({ email }) => (email === null ? [] : [email])));
  }

  #ask(people: string[]): void {
    this.failure = undefined;
    if (people.length === 0) return;
    const running = this.#check(people.slice(0, maxRecipients)).then(
      (views) => {
        this.#verdicts = new Map([...this.#verdicts, ...views.map((view) => [view.email, view] as const)]);
      },
      (error: unknown) => {
        this.failure = wordsForCaught(error);
      },
    );
    this.#running.add(running);
    void running.finally(() => this.#running.delete(running));
  }

  #chipOf(recipient: Recipient): Chip {
    const { email, text } = recipient;
    const view = this.#verdicts.get(email ?? '');
    const name = view?.person?.name;
    return {
      id: recipientKey(recipient),
      label: name ?? text,
      title: email ?? text,
      hasFace: name !== undefined,
      problem:
        email === null
          ? m.shares_not_an_email({ text: shortened(text) })
          : view && wordsForRecipient(name ?? email, view.verdict),
    };
  }
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
