/**
 * Moves entries: immediately when nothing conflicts, or after a question when names are taken or the audience changes.
 */
import type {
  CollisionChoice,
  EntrySelection as WireSelection,
  MovePreviewView,
} from '@turnover/domain/workspace/entries';
import * as m from '@turnover/messages/messages';
import { wordsForCaught } from '#lib/errors.ts';
import { reportOf } from '#lib/reported-error.ts';
import { trpc } from '#lib/trpc.ts';
import { toaster } from '#lib/ui/overlays/toaster.svelte.ts';
import { undoAction } from '#lib/undoing.ts';
import type { Place } from './entry-drag.ts';

export type PendingMove = { selection: WireSelection; place: Place; preview: MovePreviewView };

export class EntryMoves {
  /** The move that waits for an answer. */
  pending = $state.raw<PendingMove | null>(null);
  /** True while a move runs, during which other moves wait. Moving hundreds of entries takes a moment. */
  busy = $state(false);
  readonly #projectId: () => string;
  readonly #reload: () => Promise<void>;

  constructor(projectId: () => string, reload: () => Promise<void>) {
    this.#projectId = projectId;
    this.#reload = reload;
  }

  /** Begins a move and shows its error. Returns true when the entries were moved. */
  async begin(selection: WireSelection, place: Place): Promise<boolean> {
    if (this.busy) return false;
    this.busy = true;
    try {
      return await this.#begin(selection, place, false);
    } finally {
      this.busy = false;
    }
  }

  async #begin(selection: WireSelection, place: Place, isSecond: boolean): Promise<boolean> {
    try {
      const preview = await trpc.workspace.previewMove.mutate({
        projectId: this.#projectId(),
        selection,
        folderId: place.id,
      });
      const { collisionCount, gains, loses } = preview;
      if (collisionCount + gains.length + loses.length === 0) {
        await this.#move(selection, place, 'refuse');
        return true;
      }
      this.pending = { selection, place, preview };
    } catch (error) {
      // Somebody took the name meanwhile, so the question is needed after all.
      if (!isSecond && reportOf(error)?.code === 'name_taken') return this.#begin(selection, place, true);
      toaster.show({ text: wordsForCaught(error), tone: 'bad' });
    }
    return false;
  }

  /** Moves with the answer. Throws errors for the dialog to show. */
  async confirm(onCollision: CollisionChoice): Promise<void> {
    if (!this.pending) return;
    const { selection, place } = this.pending;
    await this.#move(selection, place, onCollision);
    this.pending = null;
  }

  async #move(selection: WireSelection, place: Place, onCollision: CollisionChoice): Promise<void> {
    const projectId = this.#projectId();
    try {
      const { moved, undo } = await trpc.workspace.move.mutate({
        projectId,
        selection,
        folderId: place.id,
        onCollision,
      });
      const back = () => trpc.workspace.undoMove.mutate({ projectId, moves: undo });
      toaster.show({
        text: m.workspace_moved({ count: moved, folder: place.name }),
        action: undo.length > 0 ? undoAction(back, this.#reload) : undefined,
      });
    } finally {
      await this.#reload();
    }
  }
}
