/** How much of the disk uploads may reserve before their bytes have come: in all, for one person and in one project. */
import { z } from 'zod';
import { dayMs } from '../days.ts';

/** A reservation ends when so long not a byte came; the upload itself goes on whenever there is space for it again. */
export const reservedForMs = dayMs;
/** Whoever goes on after that has so long until a byte has to come. */
export const reservedAnewForMs = 10 * 60_000;
/** So long before the end its sender is notified. */
export const reservationWarningMs = 4 * 3600_000;
/** Unfinished uploads of one person: each holds a name and a file, whatever its size. */
export const maxUnfinished = 2000;

/** A share of what is free and not reserved by others, or a number of bytes. */
export type ReserveCap = { percent: number } | { bytes: number };

export type SpaceLimits = {
  spaceReserveBytes: number;
  personReserve: ReserveCap;
  projectReserve: ReserveCap;
};

/** What unfinished uploads still need: of everybody, of the person who asks, and into the project at hand. */
export type Reserved = { all: number; person: number; project: number };

export const spaceView = z.object({
  /** The largest file whose upload can begin now. */
  availableBytes: z.number(),
  /** What keeps a larger one from beginning. */
  limitedBy: z.enum(['disk', 'person', 'project']),
  /** Free on the disk and reserved by nobody. */
  diskBytes: z.number(),
  /** The caller's unfinished uploads: what they reserve, and how much they may. */
  person: z.object({ reservedBytes: z.number(), limitBytes: z.number() }),
  project: z.object({ reservedBytes: z.number(), limitBytes: z.number() }),
});
export type SpaceView = z.infer<typeof spaceView>;

/** Shares are of what others have left, so that however many take theirs, there is always something for the next one. */
export function spaceFor(freeBytes: number, reserved: Reserved, limits: SpaceLimits): SpaceView {
  const free = freeBytes - limits.spaceReserveBytes;
  const ofCap = (cap: ReserveCap, own: number) => {
    const left = Math.max(0, free - (reserved.all - own));
    return 'bytes' in cap ? cap.bytes : Math.floor((left * cap.percent) / 100);
  };
  const person = { reservedBytes: reserved.person, limitBytes: ofCap(limits.personReserve, reserved.person) };
  const project = {
    reservedBytes: reserved.project,
    limitBytes: ofCap(limits.projectReserve, reserved.project),
  };
  const diskBytes = Math.max(0, free - reserved.all);
  const rooms = [
    { limitedBy: 'disk', bytes: diskBytes },
    { limitedBy: 'person', bytes: person.limitBytes - person.reservedBytes },
    { limitedBy: 'project', bytes: project.limitBytes - project.reservedBytes },
  ] as const;
  const least = rooms.reduce((one, other) => (other.bytes < one.bytes ? other : one));
  return {
    availableBytes: Math.max(0, least.bytes),
    limitedBy: least.limitedBy,
    diskBytes,
    person,
    project,
  };
}
