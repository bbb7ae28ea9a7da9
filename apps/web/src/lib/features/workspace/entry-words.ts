/** Names of entries, and why an action on them is not possible. */
import type { EntryAccessView, EntryView } from '@turnover/domain/workspace/entries';
import { sequenceLabel } from '@turnover/domain/sequences/frame-ranges';
import * as m from '@turnover/messages/messages';
import type { FileKind } from '#lib/ui/text/file-kind.ts';

export type Rights = Pick<EntryAccessView, 'isOwner' | 'canShare' | 'canUpdate'> & {
  owner: { name: string };
};

/** Placeholder of a row whose entry is still loading. */
export const nothingYet: EntryView = {
  id: '',
  parentId: null,
  kind: 'file',
  name: '',
  sizeBytes: 0,
  items: null,
  files: null,
  frames: null,
  visibleName: null,
  looksLike: null,
  mediaKind: null,
  state: null,
  previews: [],
  sharedWith: { names: [], people: 0 },
  delivery: null,
  createdAt: 0,
  updatedAt: 0,
  deletedAt: null,
};

export function labelOf({ kind, name, frames }: Pick<EntryView, 'kind' | 'name' | 'frames'>): string {
  return kind === 'sequence' && frames ? sequenceLabel(name, frames) : name;
}

/** Returns the icon of a folder or sequence; undefined for a file, whose icon depends on its name. */
export function iconKindOf({ kind }: Pick<EntryView, 'kind'>): FileKind | undefined {
  return kind === 'file' ? undefined : kind;
}

/** Returns why the entry cannot be changed; undefined when it can. */
export function whyNotUpdate({ isOwner, canUpdate, owner }: Rights): string | undefined {
  return isOwner || canUpdate ? undefined : m.workspace_needs_can_update({ name: owner.name });
}

export function whyNotShare({ isOwner, canShare, owner }: Rights): string | undefined {
  return isOwner || canShare ? undefined : m.workspace_needs_can_share({ name: owner.name });
}

export function whyNotDownload({ kind, state }: Pick<EntryView, 'kind' | 'state'>): string | undefined {
  return kind === 'file' && state !== 'stored' ? m.workspace_not_verified_yet() : undefined;
}

/** Returns the label of the delete action, which warns when others also see the entries. */
export function deleteWord(rights: Rights, entries: readonly EntryView[] | null): string {
  const isShared = !rights.isOwner || entries?.some(({ sharedWith }) => sharedWith.people > 0);
  return isShared ? m.workspace_delete_for_everyone() : m.action_delete();
}
