import fc from 'fast-check';
import { expect, test } from 'vitest';
import { spaceFor, type ReserveCap } from './upload-space.ts';

const percent = (number: number): ReserveCap => ({ percent: number });
const limits = { spaceReserveBytes: 100, personReserve: percent(50), projectReserve: percent(80) };

test('the smallest of the limits of disk, person and project applies to a new upload, and is named', () => {
  expect(spaceFor(1100, { all: 0, person: 0, project: 0 }, limits)).toEqual({
    availableBytes: 500,
    limitedBy: 'person',
    diskBytes: 1000,
    person: { reservedBytes: 0, limitBytes: 500 },
    project: { reservedBytes: 0, limitBytes: 800 },
    heldByProject: null,
    heldByWorkspace: null,
  });
  expect(spaceFor(1100, { all: 700, person: 0, project: 700 }, limits)).toMatchObject({
    availableBytes: 100,
    limitedBy: 'project',
  });
  const whole = { spaceReserveBytes: 0, personReserve: percent(100), projectReserve: percent(100) };
  expect(spaceFor(1000, { all: 400, person: 400, project: 400 }, whole)).toMatchObject({
    availableBytes: 600,
    limitedBy: 'disk',
  });
  const inBytes = { ...whole, personReserve: { bytes: 50 } };
  expect(spaceFor(1000, { all: 40, person: 40, project: 40 }, inBytes)).toMatchObject({
    availableBytes: 10,
    limitedBy: 'person',
  });
});

test('the storage limits of the project and the Workspace apply to a new upload too', () => {
  const none = { all: 0, person: 0, project: 0 };
  const heldByProject = { usedBytes: 700, maxBytes: 1000 };
  const left = (heldByWorkspace: { usedBytes: number; maxBytes: number } | null) =>
    spaceFor(2000, none, limits, { heldByProject, heldByWorkspace });
  expect(left(null)).toMatchObject({ availableBytes: 300, limitedBy: 'heldByProject' });
  const full = { usedBytes: 90, maxBytes: 50 };
  expect(left(full)).toMatchObject({
    availableBytes: 0,
    limitedBy: 'heldByWorkspace',
    heldByWorkspace: { leftBytes: 0, maxBytes: 50 },
  });
});

test('reports 0, not a negative number, when the reservations exceed the disk', () => {
  const { availableBytes, diskBytes } = spaceFor(50, { all: 500, person: 500, project: 500 }, limits);
  expect([availableBytes, diskBytes]).toEqual([0, 0]);
});

test('leaves a part for the next person after many people use their limit', () => {
  const share = fc.integer({ min: 1, max: 90 });
  fc.assert(
    fc.property(share, fc.integer({ min: 1, max: 8 }), (most, people) => {
      const free = 2 ** 44;
      const caps = { spaceReserveBytes: 0, personReserve: percent(most), projectReserve: percent(100) };
      let all = 0;
      for (let index = 0; index < people; index++) {
        const { availableBytes } = spaceFor(free, { all, person: 0, project: all }, caps);
        expect(availableBytes).toBeGreaterThan(0);
        all += availableBytes;
        // A person who has used up their limit gets no more space.
        const again = spaceFor(free, { all, person: availableBytes, project: all }, caps);
        expect(again).toMatchObject({ availableBytes: 0, limitedBy: 'person' });
      }
      expect(all).toBeLessThan(free);
    }),
    { numRuns: 60 },
  );
});
