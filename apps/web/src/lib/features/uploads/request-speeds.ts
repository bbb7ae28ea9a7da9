/** The speed at which this tab sends into each request, over all files and bundles together. */
import { Speed } from './speed.ts';

type Sent = { target: { requestId: string | null }; status: string; sentBytes: number };

export class RequestSpeeds {
  readonly #speeds = new Map<string, Speed>();

  /** `items`: all uploads of the tray, also the finished ones. */
  sample(items: readonly Sent[], at: number): void {
    const byRequest = Map.groupBy(items, ({ target }) => target.requestId);
    for (const id of this.#speeds.keys()) {
      const isSending = byRequest.get(id)?.some(({ status }) => status === 'sending');
      if (!isSending) this.#speeds.delete(id);
    }
    for (const [id, its] of byRequest) {
      if (id === null || !its.some(({ status }) => status === 'sending')) continue;
      if (!this.#speeds.has(id)) this.#speeds.set(id, new Speed());
      this.#speeds.get(id)!.sample(
        its.reduce((sum, { sentBytes }) => sum + sentBytes, 0),
        at,
      );
    }
  }

  /** Returns null while nothing is known. */
  bytesPerSecond(requestId: string): number | null {
    return this.#speeds.get(requestId)?.bytesPerSecond ?? null;
  }
}
