// Records how far the uploads have come while their bytes arrive: those of all uploads in one commit. A synced commit stops the
// main thread until the disk has answered, and the disk is busy with the bytes of the same uploads.
import type { Context } from '@turnover/core/context';
import { recordDurableOffsets } from '@turnover/core/uploads/completion';
import { faultReasonOf } from '@turnover/domain/requests/system-faults';

const minPauseMs = 250;
const maxPauseMs = 2000;
/** On a busy disk, the pause is this many times as long as the commit before it. */
const pausePerCommit = 20;

type Note = { offset: number; fail: (error: Error) => void };

export class ProgressRecorder {
  readonly #ctx: Context;
  readonly #notes = new Map<string, Note>();
  #timer: NodeJS.Timeout | undefined;
  #nextAt = -Infinity;

  constructor(ctx: Context) {
    this.#ctx = ctx;
  }

  /** Records the synced offset soon. `fail` is called when that is not possible, and the upload must not go on. */
  note(uploadId: string, offset: number, fail: (error: Error) => void): void {
    this.#notes.set(uploadId, { offset, fail });
    this.#schedule();
  }

  /** Call it before the end of the body is recorded: nothing is recorded here afterwards. */
  forget(uploadId: string): void {
    this.#notes.delete(uploadId);
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => this.#record(), Math.max(0, this.#nextAt - performance.now())).unref();
  }

  #record(): void {
    this.#timer = undefined;
    if (this.#notes.size === 0) return;
    const notes = new Map(this.#notes);
    const startedAt = performance.now();
    try {
      const ended = recordDurableOffsets(this.#ctx, offsetsOf(notes));
      this.#notes.clear();
      for (const [uploadId, error] of ended) notes.get(uploadId)!.fail(error);
    } catch (error) {
      // Another process writes. The notes stay for the next time.
      if (faultReasonOf(error) !== 'busy') this.#failAll(error as Error);
    }
    const now = performance.now();
    const pauseMs = (now - startedAt) * pausePerCommit;
    this.#nextAt = now + Math.min(maxPauseMs, Math.max(minPauseMs, pauseMs));
    if (this.#notes.size > 0) this.#schedule();
  }

  #failAll(error: Error): void {
    const notes = [...this.#notes.values()];
    this.#notes.clear();
    for (const { fail } of notes) fail(error);
  }
}

function offsetsOf(notes: ReadonlyMap<string, Note>): Map<string, number> {
  return new Map([...notes].map(([uploadId, { offset }]) => [uploadId, offset]));
}
