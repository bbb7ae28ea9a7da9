/**
 * Keeps the previous meaning of a button for a moment after it changes, so that it never becomes another button under
 * the pointer. Meanwhile the button should be inert.
 */

/**
 * Longer than the second press of a double click, and than the time people need to notice that the page has changed.
 */
const steadyMs = 1000;

export class Steady<Meaning> {
  #kept = $state.raw() as Meaning;
  #subject: unknown;
  readonly #now: () => Meaning;

  /** When `subject` changes, such as to another request on the same page, nothing is kept. */
  constructor(now: () => Meaning, subject: () => unknown) {
    this.#now = now;
    this.#kept = now();
    this.#subject = subject();
    $effect.pre(() => {
      const meaning = now();
      if (subject() !== this.#subject) {
        this.#subject = subject();
        this.#kept = meaning;
      } else if (meaning !== this.#kept) {
        const timer = setTimeout(() => (this.#kept = meaning), steadyMs);
        return () => clearTimeout(timer);
      }
      return undefined;
    });
  }

  get shown(): Meaning {
    return this.#kept;
  }

  get isChanging(): boolean {
    return this.#kept !== this.#now();
  }
}
