/** Sends one file to its reserved upload address, starting at the byte that the server confirmed. */
import { Upload, type DetailedError, type HttpResponse } from 'tus-js-client';
import type { ReportedError } from '#lib/reported-error.ts';
import { reportIn } from './hub-answer.ts';
import { pieces as sessionPieces, type Pieces } from './pieces.ts';
import { isCutShort, isWorthRetrying, retryDelaysMs } from './retry.ts';

export type TransmissionEvents = {
  onprogress: (sentBytes: number) => void;
  /** Called when the upload retries by itself; undefined when nobody answered. */
  onstall: (report: ReportedError | undefined) => void;
  onsent: () => void;
  /** Called when the upload has failed; undefined when nobody answered for more than a day. */
  onfail: (report: ReportedError | undefined) => void;
  /** Called when a proxy refused larger pieces and pieces of this size work. */
  onsmaller?: (pieceBytes: number) => void;
};

/** Options for tests, which have no session and no cookie. */
type Options = { pieces?: Pieces; headers?: Record<string, string> };

export class Transmission {
  readonly #upload: Upload;
  readonly #events: TransmissionEvents;
  readonly #pieces: Pieces;
  #acceptedBytes = 0;
  #sentBytes = 0;
  #pieceSince = 0;
  /** The number of consecutive attempts of which no byte arrived. */
  #fruitless = 0;
  #isTooLarge = false;

  constructor(file: File, uploadUrl: string, events: TransmissionEvents, options: Options = {}) {
    this.#events = events;
    this.#pieces = options.pieces ?? sessionPieces;
    this.#upload = new Upload(file, {
      uploadUrl,
      retryDelays: retryDelaysMs,
      storeFingerprintForResuming: false,
      headers: options.headers ?? { 'x-turnover': 'web' },
      onProgress: (sentBytes) => {
        this.#sentBytes = sentBytes;
        events.onprogress(sentBytes);
      },
      onChunkComplete: (pieceBytes, acceptedBytes) => this.#accepted(pieceBytes, acceptedBytes),
      onShouldRetry: (error) => this.#shouldRetry(error),
      onSuccess: events.onsent,
      onError: (error) => this.#failed(error),
    });
  }

  start(): void {
    this.#beginPiece();
    this.#upload.start();
  }

  stop(): void {
    void this.#upload.abort();
  }

  /** Sets the size of the next piece, which the client reads before each one. */
  #beginPiece(): void {
    this.#upload.options.chunkSize = this.#pieces.bytes;
    this.#pieceSince = performance.now();
  }

  #accepted(pieceBytes: number, acceptedBytes: number): void {
    this.#acceptedBytes = acceptedBytes;
    this.#fruitless = 0;
    this.#pieces.grow(pieceBytes, performance.now() - this.#pieceSince);
    this.#beginPiece();
    const smaller = this.#pieces.takeNews();
    if (smaller !== null) this.#events.onsmaller?.(smaller);
  }

  #shouldRetry(error: DetailedError): boolean {
    const response = error.originalResponse ?? null;
    this.#isTooLarge = this.#isTooLargeForProxy(response);
    if (this.#isTooLarge) return false;
    // The answer of a proxy tells nothing about the upload.
    const own = response && isOfHub(response) ? response : null;
    const again = own === null || isWorthRetrying(own.getStatus());
    if (again) this.#events.onstall(own ? reportOf(own) : undefined);
    return again;
  }

  #isTooLargeForProxy(response: HttpResponse | null): boolean {
    const status = response?.getStatus() ?? 0;
    if (response && isOfHub(response)) return false;
    if (status === 413) return true;
    if (!isCutShort(status) || this.#sentBytes <= this.#acceptedBytes) return false;
    // One or two cut connections may be chance, or a restart of the hub.
    this.#fruitless++;
    return this.#fruitless >= 3;
  }

  #failed(error: Error | DetailedError): void {
    const response = ('originalResponse' in error && error.originalResponse) || null;
    if (!this.#isTooLarge) return this.#events.onfail(response ? reportOf(response) : undefined);
    this.#fruitless = 0;
    if (this.#pieces.shrink(Number(this.#upload.options.chunkSize))) this.start();
    // A request that was cut for a reason other than its size may still succeed.
    else if (response?.getStatus() === 413)
      this.#events.onfail({ code: 'too_large', details: { by: 'proxy' } });
    else this.start();
  }
}

function isOfHub(response: HttpResponse): boolean {
  return Boolean(response.getHeader('Tus-Resumable'));
}

function reportOf(response: HttpResponse): ReportedError {
  return reportIn({ status: response.getStatus(), body: response.getBody() });
}
