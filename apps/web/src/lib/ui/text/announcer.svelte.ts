/** Words for screen readers about what changed without them: `announce(…)`. */

class Announcer {
  text = $state('');

  /** The same words twice in a row would not be read; an invisible character makes them differ. */
  announce(text: string): void {
    this.text = text === this.text ? `${text}\u00a0` : text;
  }
}

export const announcer = new Announcer();
