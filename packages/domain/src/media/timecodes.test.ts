import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  frameRateOf,
  framesPerDay,
  frameRateInName,
  frameRates,
  onlyFrameRate,
  readFrameRate,
  readTimecode,
  readTimecodeOfSomeRate,
  timecodeAt,
  type FrameRate,
  type TimecodeProblem,
} from './timecodes.ts';

const nearestOf = (text: string, rate: FrameRate) => {
  const read = readTimecode(text, rate);
  return 'problem' in read ? [read.problem, read.nearest] : read.text;
};

type Visit = (frame: number, label: () => string) => void;

/**
 * Counts frames one by one as a clock does, and leaves out the dropped numbers. Visits the frames that `at` selects.
 */
function countDay(rate: FrameRate, at: (frame: number, second: number) => boolean, visit: Visit): number {
  const [speed = '', drop] = rate.split(' ');
  const perSecond = Math.ceil(Number(speed));
  const dropped = drop ? perSecond / 15 : 0;
  const two = (number: number) => String(number).padStart(2, '0');
  let count = 0;
  for (let hour = 0; hour < 24; hour++) {
    for (let minute = 0; minute < 60; minute++) {
      for (let second = 0; second < 60; second++) {
        for (let frame = second === 0 && minute % 10 > 0 ? dropped : 0; frame < perSecond; frame++) {
          if (at(count, second)) {
            const last = perSecond > 100 ? String(frame).padStart(3, '0') : two(frame);
            visit(count, () => [hour, minute, second].map(two).join(':') + (drop ? ';' : ':') + last);
          }
          count += 1;
        }
      }
    }
  }
  return count;
}

describe.each(frameRates)('at %s', (rate) => {
  test('each frame of a day has one timecode, and each timecode one frame', () => {
    const wrong: unknown[] = [];
    // Counts all frames. Compares every 41st around the turn of a minute, and every 1999th elsewhere.
    const isCompared = (frame: number, second: number) =>
      second === 0 || second === 59 ? frame % 41 < 2 : frame % 1999 === 0;
    const count = countDay(rate, isCompared, (frame, label) => {
      const text = label();
      const read = readTimecode(text, rate);
      const isRight = 'frame' in read && read.frame === frame && read.text === text;
      if (!isRight || timecodeAt(frame, rate) !== text)
        wrong.push([frame, text, read, timecodeAt(frame, rate)]);
    });
    expect(wrong.slice(0, 3)).toEqual([]);
    expect(framesPerDay(rate)).toBe(count);
  });

  test('reads other spellings as the same timecode', () => {
    const field = fc.nat({ max: framesPerDay(rate) - 1 });
    fc.assert(
      fc.property(field, fc.constantFrom(':', ';', '.', ','), (frame, mark) => {
        const text = timecodeAt(frame, rate);
        const [, clock = '', last = ''] = /^(.*)[:;](\d+)$/.exec(text)!;
        const isTime = (mark === '.' || mark === ',') && last.length !== 2;
        fc.pre(!isTime && !(mark === ';' && frameRates.includes(`${rate} DF` as FrameRate)));
        const sloppy = `${clock.replace(/^0/, '')}${mark}${last}`;
        expect(readTimecode(` ${sloppy} `, rate)).toEqual({ kind: 'timecode', text, frame });
      }),
      { numRuns: 200 },
    );
  });

  test('refuses a timecode that does not exist and offers the nearest one', () => {
    const [hours, small] = [fc.nat({ max: 30 }), fc.nat({ max: 70 })];
    fc.assert(
      fc.property(hours, small, small, fc.nat({ max: 130 }), (hour, minute, second, frame) => {
        const clock = [hour, minute, second].map((each) => String(each).padStart(2, '0')).join(':');
        const mark = rate.endsWith('DF') ? ';' : ':';
        const label = `${clock}${mark}${String(frame).padStart(rate.startsWith('1') && rate !== '100' ? 3 : 2, '0')}`;
        const read = readTimecode(label, rate);
        if (!('problem' in read)) {
          expect(timecodeAt(read.frame, rate)).toBe(read.text);
          return;
        }
        const near = readTimecode(read.nearest!, rate);
        if ('problem' in near) throw new Error(`${label}: ${read.nearest} is none`);
        // The nearest timecode of a dropped number is the next existing one; otherwise it is the last one not later
        // than the text.
        const after = timecodeAt((near.frame + 1) % framesPerDay(rate), rate);
        if (read.problem === 'dropped')
          expect(timecodeAt(near.frame - 1, rate) < label && label < near.text).toBe(true);
        else if (frame < 100)
          expect(near.text < label && (label < after || after.startsWith('00:00:00'))).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});

test.each<[string, FrameRate, string | [TimecodeProblem, string | null]]>([
  ['00:01:00;00', '29.97 DF', ['dropped', '00:01:00;02']],
  ['00:01:00;01', '29.97 DF', ['dropped', '00:01:00;02']],
  ['00:10:00;00', '29.97 DF', '00:10:00;00'],
  ['00:01:00:00', '29.97', '00:01:00:00'],
  ['00:01:00:00', '29.97 DF', ['dropped', '00:01:00;02']],
  ['00:01:00;03', '59.94 DF', ['dropped', '00:01:00;04']],
  ['01:00:00:30', '25', ['frames', '01:00:00:24']],
  ['01:00:00:24', '23.976', ['frames', '01:00:00:23']],
  ['25:00:00:00', '25', ['hours', '23:59:59:24']],
  ['24:00:00:00', '29.97 DF', ['hours', '23:59:59;29']],
  ['01:60:00:00', '25', ['minutes', '01:59:59:24']],
  ['01:00:60:00', '50', ['seconds', '01:00:59:49']],
  ['1:02:03:04', '25', '01:02:03:04'],
  ['1:2:3:4', '25', '01:02:03:04'],
  ['01.00.00.10', '25', '01:00:00:10'],
  ['01;00;00;10', '29.97 DF', '01:00:00;10'],
  ['01:00:00;10', '25', '01:00:00:10'],
  ['01:00:00;10', '29.97', ['drop_mark', '01:00:00:10']],
  ['01:00:00:7', '120', '01:00:00:007'],
  ['01:00:00:119', '119.88', '01:00:00:119'],
  ['01:00:00:120', '120', ['frames', '01:00:00:119']],
  ['01:00:00', '25', '01:00:00'],
  ['00:01:00', '29.97 DF', '00:01:00'],
  ['01:00:00.5', '25', '01:00:00.500'],
  ['01:00:00,040', '25', '01:00:00.040'],
  ['01:00:60.5', '25', ['seconds', '01:00:59.999']],
  ['01:00:00.12', '25', '01:00:00:12'],
  ['', '25', ['form', null]],
  ['1:02', '25', ['form', null]],
  ['01:00;00:00', '25', ['form', null]],
  ['01:00:00:00 ', '25', '01:00:00:00'],
  ['-01:00:00:00', '25', ['form', null]],
  ['01:00:00:1000', '120', ['form', null]],
  ['٠١:00:00:00', '25', ['form', null]],
])('%s at %s: %j', (text, rate, expected) => expect(nearestOf(text, rate)).toEqual(expected));

test('a time means the frame that is shown then', () => {
  const frameAt = (text: string, rate: FrameRate) => {
    const read = readTimecode(text, rate);
    return 'frame' in read ? read.frame : null;
  };
  expect([frameAt('00:00:01.5', '25'), frameAt('00:00:01', '25'), frameAt('00:01:00', '29.97 DF')]).toEqual([
    37, 25, 1800,
  ]);
});

test.each<[string, string | TimecodeProblem]>([
  ['01:00:00:59', '01:00:00:59'],
  ['01:00:00:119', '01:00:00:119'],
  ['01:00:00:120', 'frames'],
  ['00:01:00;01', 'dropped'],
  ['00:01:00;45', '00:01:00;45'],
  ['24:00:00:00', 'hours'],
])('where nobody knows the rate, %s is %s', (text, expected) => {
  const read = readTimecodeOfSomeRate(text);
  expect('problem' in read ? read.problem : read.text).toBe(expected);
});

test.each<[string, FrameRate | null]>([
  ['23.976', '23.976'],
  ['23,98 fps', '23.976'],
  ['23976', '23.976'],
  ['24.00', '24'],
  ['25p', '25'],
  ['29.97 DF', '29.97 DF'],
  ['29.97 drop frame', '29.97 DF'],
  ['2997', '29.97'],
  ['59.94i NDF', '59.94'],
  ['25 DF', null],
  ['variable', null],
  ['', null],
])('%j is the rate %j', (text, rate) => expect(readFrameRate(text)).toBe(rate));

test('reads the rate from a file name whose digits can mean nothing else', () => {
  expect(frameRateInName('show_v04_PM_6ch_48k_24b_23976.L.wav')).toBe('23.976');
  expect(frameRateInName('show_v04_PM_6ch_48k_24b_25.L.wav')).toBeNull();
  expect(frameRateInName('shot.2997.exr')).toBe('29.97');
  expect(frameRateInName('a_2997_b_5994.mov')).toBeNull();
});

test('reads the rate of a request type that names exactly one', () => {
  expect(onlyFrameRate(['29.97 DF'])).toBe('29.97 DF');
  expect(onlyFrameRate(['24', '25'])).toBeNull();
  expect(onlyFrameRate([])).toBeNull();
});

test.each([
  [[24_000, 1001], false, '23.976'],
  [[25, 1], false, '25'],
  [[25, 1], true, '25'],
  [[30_000, 1001], true, '29.97 DF'],
  [[2997, 100], false, '29.97'],
  [[12, 1], false, null],
] as const)('the rate of %j with drop frame %s is %s', (fraction, isDrop, rate) => {
  expect(frameRateOf(fraction, isDrop)).toBe(rate);
});
