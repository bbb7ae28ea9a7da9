/** What every player takes from the page around it. */
import type { Snippet } from 'svelte';
import type { MarkedRange, Moment } from './moment.ts';

export type PlayerProps = {
  moments?: readonly Moment[];
  range?: MarkedRange | null;
  /** Further keys, besides those that move what plays. */
  keys?: Record<string, () => void>;
  onmoment?: (moment: Moment) => void;
  /** Buttons beside the controls. */
  tools?: Snippet;
  /** Content below the timeline. */
  children?: Snippet;
};
