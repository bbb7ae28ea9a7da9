/**
 * Findings that a person pins while watching, until they request a redelivery. The browser stores them separately for
 * each person.
 */
import { maxFindings } from '@turnover/domain/requests/findings';
import type { FindingDraft } from './finding-draft.ts';

/** Higher than the keys of all other drafts, because the dialog shows them together. */
const firstKey = 2_000_000;
/** Drafts older than this are deleted: their author has lost the context by then. */
const keptMs = 30 * 24 * 3600_000;
const maxRequests = 20;

type Kept = { requestId: string; at: number; drafts: readonly FindingDraft[] };

export class PinnedFindings {
  #personId = $state<string | null>(null);
  /** Sorted newest first. */
  #kept = $state.raw<readonly Kept[]>([]);

  /**
   * Loads what the browser stores for this person, and follows changes of other tabs. Returns a function that stops
   * this.
   */
  open(personId: string): () => void {
    this.#personId = personId;
    this.#kept = stored(personId);
    const follow = ({ key }: StorageEvent) => {
      if (key === storeKey(personId)) this.#kept = stored(personId);
    };
    addEventListener('storage', follow);
    return () => {
      removeEventListener('storage', follow);
      this.#personId = null;
      this.#kept = [];
    };
  }

  of(requestId: string): readonly FindingDraft[] {
    return this.#kept.find((each) => each.requestId === requestId)?.drafts ?? [];
  }

  nextKey(requestId: string): number {
    return Math.max(firstKey, ...this.of(requestId).map(({ key }) => key)) + 1;
  }

  /** Adds a draft. Returns false when the redelivery already has the maximum number of findings. */
  add(requestId: string, draft: FindingDraft): boolean {
    const others = this.of(requestId);
    if (others.length >= maxFindings) return false;
    this.#set(requestId, [...others, draft]);
    return true;
  }

  remove(requestId: string, key: number): void {
    this.#set(
      requestId,
      this.of(requestId).filter((draft) => draft.key !== key),
    );
  }

  clear(requestId: string): void {
    this.#set(requestId, []);
  }

  #set(requestId: string, drafts: readonly FindingDraft[]): void {
    const others = this.#kept.filter((each) => each.requestId !== requestId);
    const these = drafts.length > 0 ? [{ requestId, at: Date.now(), drafts }] : [];
    this.#kept = [...these, ...others].slice(0, maxRequests);
    if (this.#personId === null) return;
    try {
      globalThis.localStorage?.setItem(storeKey(this.#personId), JSON.stringify(this.#kept));
    } catch {
      // Storage is not available, so the drafts last until the page is reloaded.
    }
  }
}

export const pinnedFindings = new PinnedFindings();

/** A separate key for each person, so that people who share a browser do not see each other's drafts. */
const storeKey = (personId: string) => `turnover.pinned.${personId}`;

/** Reads the stored drafts. An earlier version of the page may have stored another format. */
function stored(personId: string): readonly Kept[] {
  try {
    const found: unknown = JSON.parse(globalThis.localStorage?.getItem(storeKey(personId)) ?? '[]');
    if (!Array.isArray(found)) return [];
    return found
      .filter(isKept)
      .filter(({ at }) => at > Date.now() - keptMs)
      .map((each) => ({ ...each, drafts: each.drafts.filter(isDraft).slice(0, maxFindings) }));
  } catch {
    return [];
  }
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false;
  const { requestId, at, drafts } = value as Record<string, unknown>;
  return typeof requestId === 'string' && typeof at === 'number' && Array.isArray(drafts);
}

function isDraft(value: unknown): value is FindingDraft {
  if (typeof value !== 'object' || value === null) return false;
  const { key, ...texts } = value as Record<string, unknown>;
  const names = ['reason', 'fileText', 'timecodeIn', 'timecodeOut', 'frameRate', 'note'];
  return typeof key === 'number' && names.every((name) => typeof texts[name] === 'string') && 'file' in texts;
}
