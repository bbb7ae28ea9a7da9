import { expect, test } from 'vitest';
import { placeBeside } from './place.ts';

const window = { width: 800, height: 600 };
const text = { width: 100, height: 30 };
const control = { left: 400, top: 300, width: 32, height: 32 };

test.each([
  ['top', { left: 366, top: 264 }],
  ['bottom', { left: 366, top: 338 }],
  ['left', { left: 294, top: 301 }],
  ['right', { left: 438, top: 301 }],
] as const)('stands on the wanted side: %s', (side, corner) => {
  expect(placeBeside(control, text, side, window)).toEqual(corner);
});

test('stands on the other side where the wanted one has no room', () => {
  expect(placeBeside({ ...control, top: 10 }, text, 'top', window).top).toBe(48);
  expect(placeBeside({ ...control, top: 560 }, text, 'bottom', window).top).toBe(524);
  expect(placeBeside({ ...control, left: 760 }, text, 'right', window).left).toBe(654);
  expect(placeBeside({ ...control, left: 8 }, text, 'left', window).left).toBe(46);
});

test('stays inside the window', () => {
  expect(placeBeside({ ...control, left: 0 }, text, 'top', window).left).toBe(8);
  expect(placeBeside({ ...control, left: 790 }, text, 'top', window).left).toBe(692);
  expect(placeBeside({ ...control, top: 4 }, { width: 100, height: 590 }, 'top', window).top).toBe(8);
});
