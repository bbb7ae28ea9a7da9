/**
 * Detects whether somebody has entered something in a dialog, so that closing it by accident does not lose the input.
 */

/** Events that precede a change of a field. */
const before = ['focusin', 'pointerdown', 'keydown', 'beforeinput'] as const;
const changes = ['input', 'change'] as const;

export class Entered {
  #body: HTMLElement | null = null;
  #contentBefore = '';
  #isTouched = false;

  /**
   * Attachment for the element around the fields. Values that are filled in after opening, but not by the person, do
   * not count.
   */
  attach = (body: HTMLElement): (() => void) => {
    const ending = new AbortController();
    const listening = { capture: true, signal: ending.signal };
    this.#body = body;
    this.#isTouched = false;
    const remember = () => {
      if (!this.#isTouched) this.#contentBefore = contentOf(body);
    };
    for (const event of before) body.addEventListener(event, remember, listening);
    for (const event of changes) body.addEventListener(event, () => (this.#isTouched = true), listening);
    return () => {
      ending.abort();
      this.#body = null;
    };
  };

  get isThere(): boolean {
    return this.#isTouched && this.#body !== null && contentOf(this.#body) !== this.#contentBefore;
  }
}

function contentOf(body: HTMLElement): string {
  const controls = body.querySelectorAll<HTMLInputElement | HTMLTextAreaElement | HTMLSelectElement>(
    // Text that only searches is not lost.
    'input:not([type="search"]), textarea, select',
  );
  return JSON.stringify(
    [...controls].map((control) =>
      control instanceof HTMLInputElement && /^(checkbox|radio)$/.test(control.type)
        ? control.checked
        : control.value,
    ),
  );
}
