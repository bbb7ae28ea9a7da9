/**
 * How much can be uploaded now: limits on the disk space that unfinished uploads reserve (in total, per person and per
 * project), and on what the project and its Workspaces may store.
 */
import { z } from 'zod';
import { dayMs } from '../days.ts';
import { idSchema } from '../ids.ts';
import { projectIdInput } from '../people/projects.ts';

/** A reservation ends after this long without a new byte. The upload itself can continue whenever there is space. */
export const reservedForMs = dayMs;
/** How long a renewed reservation lasts until the next byte arrives. */
export const reservedAnewForMs = 10 * 60_000;
/** The sender is notified this long before the reservation ends. */
export const reservationWarningMs = 4 * 3600_000;
/** The most unfinished uploads per person, because each occupies a name and a file, whatever its size. */
export const maxUnfinished = 2000;

/** A percentage of the space that is free and not reserved by others, or a fixed number of bytes. */
export type ReserveCap = { percent: number } | { bytes: number };

export type SpaceLimits = {
  spaceReserveBytes: number;
  personReserve: ReserveCap;
  projectReserve: ReserveCap;
};

/** The bytes that unfinished uploads still need: in total, of this person, and in this project. */
export type Reserved = { all: number; person: number; project: number };

/** A limit in bytes, and the bytes that it still allows. */
const roomView = z.object({ leftBytes: z.number(), maxBytes: z.number() });
export type Room = z.infer<typeof roomView>;
/** Null when there is no limit. */
export type Holdings = { heldByProject: Holding | null; heldByWorkspace: Holding | null };
/** `usedBytes` includes the bytes that unfinished uploads will take. */
export type Holding = { usedBytes: number; maxBytes: number };

export const spaceInput = projectIdInput.extend({
  /** The target folder; when undefined, the root of the caller's own Workspace. */
  folderId: idSchema('entry').nullish(),
  /** True for an upload to a request, which uses no space of a Workspace. */
  toRequest: z.boolean().default(false),
});

export const spaceView = z.object({
  /** The largest file whose upload can begin now. */
  availableBytes: z.number(),
  /** The limit that a larger file would exceed. */
  limitedBy: z.enum(['disk', 'person', 'project', 'heldByProject', 'heldByWorkspace']),
  /** Bytes that are free on the disk and reserved by nobody. */
  diskBytes: z.number(),
  /** The bytes that the caller's unfinished uploads reserve, and their limit. */
  person: z.object({ reservedBytes: z.number(), limitBytes: z.number() }),
  project: z.object({ reservedBytes: z.number(), limitBytes: z.number() }),
  /** The limit of the project and what it leaves; null when there is no limit. */
  heldByProject: roomView.nullable(),
  /**
   * The limit of the Workspace that receives the upload; null when there is none or the caller does not own the
   * Workspace.
   */
  heldByWorkspace: roomView.nullable(),
});
export type SpaceView = z.infer<typeof spaceView>;

/**
 * Returns the space for a new upload. A percentage counts from the space that others leave free. So however many people
 * use their limit, the next one still gets a part.
 */
export function spaceFor(
  freeBytes: number,
  reserved: Reserved,
  limits: SpaceLimits,
  holdings: Holdings = { heldByProject: null, heldByWorkspace: null },
): SpaceView {
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
    { limitedBy: 'heldByProject', bytes: leftOf(holdings.heldByProject) },
    { limitedBy: 'heldByWorkspace', bytes: leftOf(holdings.heldByWorkspace) },
  ] as const;
  const least = rooms.reduce((one, other) => (other.bytes < one.bytes ? other : one));
  return {
    availableBytes: Math.max(0, least.bytes),
    limitedBy: least.limitedBy,
    diskBytes,
    person,
    project,
    heldByProject: roomOf(holdings.heldByProject),
    heldByWorkspace: roomOf(holdings.heldByWorkspace),
  };
}

function roomOf(holding: Holding | null): Room | null {
  return holding && { leftBytes: Math.max(0, leftOf(holding)), maxBytes: holding.maxBytes };
}

/**
 * Returns the bytes that a limit still allows. Negative when the limit was lowered below the use: nothing is deleted
 * then, but nothing more is accepted.
 */
function leftOf(holding: Holding | null): number {
  return holding === null ? Infinity : holding.maxBytes - holding.usedBytes;
}
