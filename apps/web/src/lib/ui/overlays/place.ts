// The position of a small text beside a control.

export type Side = 'top' | 'right' | 'bottom' | 'left';
type Size = { width: number; height: number };
type Box = Size & { left: number; top: number };

const distance = 6;
const margin = 8;
const opposite: Record<Side, Side> = { top: 'bottom', bottom: 'top', left: 'right', right: 'left' };

/** Returns the corner of the text: on the wanted side, or on the other where only that has room, inside the window. */
export function placeBeside(
  control: Box,
  text: Size,
  wanted: Side,
  window: Size,
): { left: number; top: number } {
  const side = hasRoom(wanted) || !hasRoom(opposite[wanted]) ? wanted : opposite[wanted];
  const { left, top } = cornerOn(side);
  return {
    left: within(left, window.width - text.width - margin),
    top: within(top, window.height - text.height - margin),
  };

  function cornerOn(of: Side): { left: number; top: number } {
    const left = control.left + (control.width - text.width) / 2;
    const top = control.top + (control.height - text.height) / 2;
    if (of === 'top') return { left, top: control.top - text.height - distance };
    if (of === 'bottom') return { left, top: control.top + control.height + distance };
    if (of === 'left') return { left: control.left - text.width - distance, top };
    return { left: control.left + control.width + distance, top };
  }

  function hasRoom(of: Side): boolean {
    const corner = cornerOn(of);
    if (of === 'top') return corner.top >= margin;
    if (of === 'bottom') return corner.top + text.height <= window.height - margin;
    if (of === 'left') return corner.left >= margin;
    return corner.left + text.width <= window.width - margin;
  }
}

const within = (value: number, most: number) => Math.max(margin, Math.min(value, most));
