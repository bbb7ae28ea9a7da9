/** The chips and the suggestions of a field of chips. */

export type Chip = {
  id: string;
  label: string;
  /** The full text, such as the whole address. */
  title?: string;
  /** A person, shown with an avatar. */
  hasFace?: boolean;
  /** Why the value is refused; the chip is then red. */
  problem?: string;
};

export type Suggestion = { id: string; label: string; detail: string };
