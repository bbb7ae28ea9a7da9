/** What the controls, the keys and the timeline move: one file, two files together, or the frames of a sequence. */
export type Transport = {
  readonly seconds: number;
  /** 0: not known yet. */
  readonly duration: number;
  /** Negative: backwards. 0: it stands. */
  readonly speed: number;
  /** Null: it has no sound. */
  readonly muted: boolean | null;
  readonly toggle: () => void;
  readonly pause: () => void;
  /** Faster with each press, as J and L do. */
  readonly forwards: () => void;
  readonly backwards: () => void;
  readonly toggleMuted: () => void;
  seek(seconds: number): void;
  /** By frames; where there are none, a step is a tenth of a second. */
  step(by: number): void;
};

type Keys = Record<string, () => void>;

export function transportKeys(transport: Transport): Keys {
  return {
    j: transport.backwards,
    k: transport.toggle,
    l: transport.forwards,
    ' ': transport.toggle,
    m: transport.toggleMuted,
    ArrowLeft: () => transport.step(-1),
    ArrowRight: () => transport.step(1),
  };
}

/** Runs what the key stands for, unless somebody types or presses a button with the space bar. */
export function pressKey(event: KeyboardEvent, keys: Keys): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, textarea, select')) return;
  if (event.key === ' ' && target.closest('button, a')) return;
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
}
