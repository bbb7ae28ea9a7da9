/** Controls two files or two sequences as one. */
import type { MediaClock } from './media-clock.ts';
import type { Transport } from './transport.ts';

export type PairTransport = Transport & {
  /** The one that is seen when there is room for only one, and that is heard. */
  readonly front: 'first' | 'second';
  readonly clock: MediaClock;
  readonly swap: () => void;
};
