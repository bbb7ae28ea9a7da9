/** Findings that a person pins while watching, until they ask for a redelivery. This tab keeps them over a reload. */
import { maxFindings } from '@turnover/domain/requests/findings';
import type { FindingDraft } from './finding-draft.ts';

/** Above the keys of all other drafts, because the dialog shows them together. */
const firstKey = 2_000_000;

class PinnedFindings {
  #byRequest = $state.raw<ReadonlyMap<string, readonly FindingDraft[]>>(new Map());

  of(requestId: string): readonly FindingDraft[] {
    return this.#byRequest.get(requestId) ?? stored(requestId);
  }

  nextKey(requestId: string): number {
    return Math.max(firstKey, ...this.of(requestId).map(({ key }) => key)) + 1;
  }

  /** False: there are as many as a redelivery takes. */
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
    this.#byRequest = new Map(this.#byRequest).set(requestId, drafts);
    try {
      globalThis.sessionStorage?.setItem(storeKey(requestId), JSON.stringify(drafts));
    } catch {
      // Without the store they last until the page is loaded anew.
    }
  }
}

export const pinnedFindings = new PinnedFindings();

const storeKey = (requestId: string) => `turnover.pinned.${requestId}`;

function stored(requestId: string): readonly FindingDraft[] {
  try {
    const found: unknown = JSON.parse(globalThis.sessionStorage?.getItem(storeKey(requestId)) ?? '[]');
    return Array.isArray(found) ? found.filter(isDraft).slice(0, maxFindings) : [];
  } catch {
    return [];
  }
}

/** An earlier version of the page may have stored something else. */
function isDraft(value: unknown): value is FindingDraft {
  if (typeof value !== 'object' || value === null) return false;
  const { key, ...texts } = value as Record<string, unknown>;
  const names = ['reason', 'fileText', 'timecodeIn', 'timecodeOut', 'frameRate', 'note'];
  return typeof key === 'number' && names.every((name) => typeof texts[name] === 'string') && 'file' in texts;
}
