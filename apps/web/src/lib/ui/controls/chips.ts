/** What a field of chips shows and offers. */

export type Chip = {
  id: string;
  label: string;
  /** More about it, such as the whole address. */
  title?: string;
  /** A person, shown with their initials. */
  hasFace?: boolean;
  /** Why it cannot stay: the chip is red. */
  problem?: string;
};

export type Suggestion = { id: string; label: string; detail: string };
