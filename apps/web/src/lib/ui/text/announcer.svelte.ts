/** Announces changes to screen readers that would otherwise not notice them: `announce(…)`. */

class Announcer {
  text = $state('');

  /** Announces a text. Screen readers skip a repeated text, so an invisible character is appended the second time. */
  announce(text: string): void {
    this.text = text === this.text ? `${text}\u00a0` : text;
  }
}

export const announcer = new Announcer();
