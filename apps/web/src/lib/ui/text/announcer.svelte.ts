/** Announces changes to screen readers that do not notice them otherwise: `announce(…)`. */

class Announcer {
  text = $state('');

  /** Screen readers skip a text that repeats; an invisible character makes the second one differ. */
  announce(text: string): void {
    this.text = text === this.text ? `${text}\u00a0` : text;
  }
}

export const announcer = new Announcer();
