/** The object that controls, keys and timeline move: one file, two files together, or the frames of a sequence. */
export type Transport = {
  readonly seconds: number;
  /** Seconds; 0 while unknown. */
  readonly duration: number;
  /** Negative when playing backwards, 0 when paused. */
  readonly speed: number;
  /** Null: it has no sound. */
  readonly muted: boolean | null;
  readonly toggle: () => void;
  readonly pause: () => void;
  /** Play faster with each press, as J and L do. */
  readonly forwards: () => void;
  readonly backwards: () => void;
  readonly toggleMuted: () => void;
  seek(seconds: number): void;
  /** Moves by frames, or by tenths of a second when there are no frames. */
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

/** Runs the action of a key, unless somebody types or presses a button with the space bar. */
export function pressKey(event: KeyboardEvent, keys: Keys): void {
  const target = event.target as HTMLElement;
  if (event.ctrlKey || event.metaKey || event.altKey || target.closest('input, textarea, select')) return;
  if (event.key === ' ' && target.closest('button, a')) return;
  const act = keys[event.key.length === 1 ? event.key.toLowerCase() : event.key];
  if (!act) return;
  event.preventDefault();
  act();
}
