/**
 * A model of sharing that does not use the tables: six people make folders, share, re-share, move, delete, restore, revoke,
 * let time pass, leave the project and come back. `compare` checks that the hub agrees with the model about who sees what and
 * may do what.
 */
import { expect } from 'vitest';
import { HubError } from '@turnover/domain/errors';
import { listSharedInput } from '@turnover/domain/workspace/shares';
import type { Person, PersonContext } from '../context.ts';
import { loadEntry } from '../entries/access.ts';
import { removeMember } from '../projects/members.ts';
import { listReceived } from '../shares/received.ts';
import { createShares } from '../shares/create.ts';
import { revokeShare } from '../shares/revoke.ts';
import { updateShare } from '../shares/shares.ts';
import { testHub } from './hub.ts';
import { removeEntry, restoreEntry } from '../workspace/trash.ts';
import { createFolder } from '../workspace/workspace.ts';
import { moveEntries } from '../workspace/move.ts';

const maxEntries = 12;
const dayMs = 24 * 3600_000;

type ModelEntry = {
  id: string;
  owner: number;
  parent: string | null;
  deleted: boolean;
  deletedBy: number | null;
};
type ModelShare = {
  id: string;
  entry: string;
  parent: string | null;
  sharer: number;
  grantee: number;
  canShare: boolean;
  canUpdate: boolean;
  end: number | null;
  revoked: boolean;
};
type Access = { canShare: boolean; canUpdate: boolean };

/** Creates a hub with six partners, and the model's state. */
export async function beginGame() {
  const hub = await testHub();
  let dice: readonly number[] = [];
  let thrown = 0;
  /** The next random number in [0, 1) of the current move. */
  const random = (): number => dice[thrown++ % dice.length]!;
  const pick = <Item>(items: readonly Item[]): Item => items[Math.floor(random() * items.length)]!;
  const project = hub.createProject();
  const people = Array.from({ length: 6 }, () => hub.createPerson({ project, role: 'partner' }));
  const coordinator = hub.as(hub.createPerson({ project, role: 'coordinator' }));
  const present = new Set(people.keys());
  const entries = new Map<string, ModelEntry>();
  const shares = new Map<string, ModelShare>();
  let foldersMade = 0;
  let resharings = 0;
  const as = (person: number): PersonContext => hub.as(people[person]!);

  /** Runs `work`, and expects that it succeeds only if the model allows it. */
  async function attempt(allowed: boolean, work: () => unknown): Promise<boolean> {
    try {
      await work();
    } catch (error) {
      if (!(error instanceof HubError)) throw error;
      if (allowed) throw new Error(`The model allows it: ${error.code} ${error.message}`, { cause: error });
      return false;
    }
    if (!allowed) throw new Error('The model forbids it.');
    return true;
  }

  const above = (id: string | null): ModelEntry[] => {
    const entry = id === null ? undefined : entries.get(id);
    return entry ? [entry, ...above(entry.parent)] : [];
  };

  function inForce(share: ModelShare): Access | null {
    if (share.revoked || (share.end !== null && share.end <= hub.clock.now)) return null;
    if (!present.has(share.grantee)) return null;
    const { canShare, canUpdate } = share;
    if (share.parent === null) return { canShare, canUpdate };
    const parent = shares.get(share.parent)!;
    const covers = above(share.entry).some(({ id }) => id === parent.entry);
    const access = covers ? inForce(parent) : null;
    return access?.canShare ? { canShare, canUpdate: canUpdate && access.canUpdate } : null;
  }

  function sharesFor(person: number, id: string): (ModelShare & { access: Access })[] {
    const path = new Set(above(id).map((entry) => entry.id));
    return [...shares.values()].flatMap((share) => {
      const access = share.grantee === person && path.has(share.entry) ? inForce(share) : null;
      return access ? [{ ...share, access }] : [];
    });
  }

  function accessOf(person: number, id: string): Access | null {
    const entry = entries.get(id)!;
    if (!present.has(person) || above(id).some(({ deleted }) => deleted)) return null;
    if (entry.owner === person) return { canShare: true, canUpdate: true };
    if (!present.has(entry.owner)) return null;
    const mine = sharesFor(person, id);
    if (mine.length === 0) return null;
    return {
      canShare: mine.some(({ access }) => access.canShare),
      canUpdate: mine.some(({ access }) => access.canUpdate),
    };
  }

  const kept = () => [...entries.values()].filter(({ id }) => above(id).every(({ deleted }) => !deleted));

  async function makeFolder(): Promise<void> {
    const person = pick([...people.keys()]);
    const parent = random() < 0.3 ? null : (pick(kept())?.id ?? null);
    const allowed = present.has(person) && (parent === null || accessOf(person, parent)?.canUpdate === true);
    if (entries.size >= maxEntries) return;
    let id = '';
    const name = `folder ${foldersMade++}`;
    const create = () => {
      id = createFolder(as(person), { projectId: project.id, parentId: parent, name }).id;
    };
    if (!(await attempt(allowed, create))) return;
    const owner = parent === null ? person : entries.get(parent)!.owner;
    entries.set(id, { id, owner, parent, deleted: false, deletedBy: null });
  }

  async function share(): Promise<void> {
    const entry = pick(kept());
    if (!entry) return;
    // Prefers people who may share, so that chains grow.
    const able = [...people.keys()].filter((person) => accessOf(person, entry.id)?.canShare);
    const sharers = able.filter((person) => person !== entry.owner);
    const luck = random();
    const candidates = luck < 0.5 ? sharers : luck < 0.9 ? able : [];
    const sharer = pick(candidates.length > 0 ? candidates : [...people.keys()]);
    const grantee = pick([...people.keys()].filter((person) => person !== sharer || luck > 0.95));
    const canUpdate = random() < 0.5;
    const canShare = random() < 0.8;
    const days = random() < 0.5 ? null : 1 + Math.floor(random() * 10);
    const end = days === null ? null : Math.floor(hub.clock.now / dayMs) * dayMs + days * dayMs;
    const parent = entry.owner === sharer ? null : parentFor(sharer, entry.id, canUpdate, end);
    const mayGive =
      present.has(sharer) && present.has(grantee) && sharer !== grantee && entry.owner !== grantee;
    const allowed = mayGive && accessOf(sharer, entry.id)?.canShare === true && parent !== undefined;
    const input = {
      projectId: project.id,
      entryIds: [entry.id],
      people: [people[grantee]!.email],
      canShare,
      canUpdate,
      expiresOn: end === null ? null : new Date(end).toISOString().slice(0, 10),
      timeZone: 'UTC',
      note: '',
    };
    if (!(await attempt(allowed, () => createShares(as(sharer), input)))) return;
    const row = rowOf(entry.id, people[sharer]!, people[grantee]!);
    shares.set(row.id, {
      id: row.id,
      entry: entry.id,
      parent: row.parentId,
      sharer,
      grantee,
      canShare,
      canUpdate,
      end,
      revoked: false,
    });
    // Taking the permission to share away ends the shares that depend on this one.
    if (!canShare) for (const share of liveShares()) if (share.parent === row.id) endShare(share);
    // Several shares may fit as its parent; it must depend on one of them.
    if (parent) resharings += 1;
    if (parent) expect(parent.map(({ id }) => id)).toContain(row.parentId);
    else expect(row.parentId).toBeNull();
  }

  /** Returns the shares that a new one may depend on; undefined when there is none. */
  function parentFor(sharer: number, id: string, canUpdate: boolean, end: number | null) {
    const fitting = sharesFor(sharer, id).filter((each) => {
      const until = endOf(each);
      const isLongEnough = end === null || until === null || until >= end;
      return each.access.canShare && (each.access.canUpdate || !canUpdate) && isLongEnough;
    });
    return fitting.length > 0 ? fitting : undefined;
  }

  function endOf({ end, parent }: ModelShare): number | null {
    const ends = [end, parent === null ? null : endOf(shares.get(parent)!)].filter((at) => at !== null);
    return ends.length > 0 ? Math.min(...ends) : null;
  }

  function rowOf(entryId: string, sharer: Person, grantee: Person) {
    return hub.db.$client
      .prepare(
        'select id, parent_id as parentId from shares where entry_id = ? and sharer_id = ? and grantee_id = ? and revoked_at is null',
      )
      .get(entryId, sharer.id, grantee.id) as { id: string; parentId: string | null };
  }

  const liveShares = () => [...shares.values()].filter(({ revoked }) => !revoked);

  function mayManage(person: number, share: ModelShare): boolean {
    const entry = entries.get(share.entry)!;
    const seesIt = present.has(person) && (entry.owner === person || seesEvenTrashed(person, entry));
    const line = (each: ModelShare): number[] => [
      each.sharer,
      ...(each.parent === null ? [] : line(shares.get(each.parent)!)),
    ];
    return seesIt && (entry.owner === person || line(share).includes(person));
  }

  function seesEvenTrashed(person: number, entry: ModelEntry): boolean {
    return present.has(entry.owner) && sharesFor(person, entry.id).length > 0;
  }

  function endShare(ended: ModelShare): void {
    ended.revoked = true;
    for (const share of liveShares()) if (share.parent === ended.id) endShare(share);
  }

  async function revoke(): Promise<void> {
    const target = pick(liveShares());
    const person = pick([...people.keys()]);
    if (!target) return;
    if (!(await attempt(mayManage(person, target), () => revokeShare(as(person), target.id)))) return;
    endShare(target);
  }

  async function forbidSharing(): Promise<void> {
    const target = pick(liveShares());
    const person = target && entries.get(target.entry)!.owner;
    if (!target || person === undefined || !present.has(person)) return;
    updateShare(as(person), { shareId: target.id, canShare: false });
    target.canShare = false;
    for (const share of liveShares()) if (share.parent === target.id) endShare(share);
  }

  async function move(): Promise<void> {
    const entry = pick(kept());
    const person = pick([...people.keys()]);
    const target = random() < 0.3 ? null : (pick(kept())?.id ?? null);
    if (!entry) return;
    const input = {
      projectId: project.id,
      selection: { entryIds: [entry.id] },
      folderId: target,
      onCollision: 'refuse' as const,
    };
    if (!(await attempt(mayMove(person, entry, target), () => moveEntries(as(person), input)))) return;
    entry.parent = target;
  }

  function mayMove(person: number, entry: ModelEntry, target: string | null): boolean {
    const targetOwner = target === null ? person : entries.get(target)!.owner;
    const mayThere = target === null ? present.has(person) : accessOf(person, target)?.canUpdate === true;
    if (!mayThere || accessOf(person, entry.id)?.canUpdate !== true) return false;
    if (targetOwner !== entry.owner || above(target).includes(entry)) return false;
    if (entry.owner === person) return true;
    const targetPath = new Set(above(target).map(({ id }) => id));
    return sharesFor(person, entry.id).some(
      (each) => each.access.canUpdate && each.entry !== entry.id && targetPath.has(each.entry),
    );
  }

  async function remove(): Promise<void> {
    const entry = pick(kept());
    const person = pick([...people.keys()]);
    if (!entry) return;
    const allowed = accessOf(person, entry.id)?.canUpdate === true;
    const target = { id: entry.id, projectId: project.id };
    if (!(await attempt(allowed, () => removeEntry(as(person), target)))) return;
    Object.assign(entry, { deleted: true, deletedBy: person });
  }

  async function restore(): Promise<void> {
    const entry = pick([...entries.values()].filter(({ deleted }) => deleted));
    if (!entry || !present.has(entry.owner)) return;
    restoreEntry(as(entry.owner), entry);
    const isFolderThere = above(entry.parent).every(({ deleted }) => !deleted);
    Object.assign(entry, { deleted: false, deletedBy: null, parent: isFolderThere ? entry.parent : null });
  }

  async function comeOrGo(): Promise<void> {
    const person = pick([...people.keys()]);
    // Keeps most people in the project, because a person who left can do nothing.
    if (present.has(person) && present.size > 4)
      removeMember(coordinator, { projectId: project.id, userId: people[person]!.id });
    else if (!present.has(person)) hub.addMember(project, people[person]!, 'partner');
    else return;
    if (!present.delete(person)) present.add(person);
  }

  const moves = {
    makeFolder,
    share,
    revoke,
    forbidSharing,
    move,
    remove,
    restore,
    comeOrGo,
    passTime: () => hub.clock.advance(Math.floor(random() * dayMs)),
  };

  async function play(kind: keyof typeof moves, numbers: readonly number[]): Promise<void> {
    dice = numbers;
    thrown = 0;
    await moves[kind]();
  }

  function compare(): void {
    for (const [person] of people.entries()) {
      const ctx = as(person);
      for (const { id } of entries.values()) {
        const at = `person ${person}, entry ${id}`;
        expect({ at, access: realAccess(ctx, id) }).toEqual({ at, access: accessOf(person, id) });
      }
      compareList(person, ctx);
    }
  }

  /** Compares "Shared with me": the entries with a share of their own that is in force. */
  function compareList(person: number, ctx: PersonContext): void {
    if (!present.has(person)) return;
    const listed = listReceived(ctx, listSharedInput.parse({ projectId: project.id })).entries.map(
      ({ id }) => id,
    );
    const given = liveShares().filter((share) => share.grantee === person && accessOf(person, share.entry));
    expect({ person, listed: listed.sort() }).toEqual({
      person,
      listed: [...new Set(given.map((share) => share.entry))].sort(),
    });
  }

  return { hub, play, compare, resharings: () => resharings };
}

function realAccess(ctx: PersonContext, id: string): Access | null {
  try {
    const { canShare, canUpdate } = loadEntry(ctx.db, ctx, id).access;
    return { canShare, canUpdate };
  } catch (error) {
    if (error instanceof HubError && error.code === 'not_found') return null;
    throw error;
  }
}

export type Game = Awaited<ReturnType<typeof beginGame>>;
