/** Sends one file to the address that was reserved for it, from the byte that the server confirms on. */
import type { ErrorCode } from '@turnover/domain/errors';
import { Upload, type DetailedError } from 'tus-js-client';
import type { ReportedError } from '#lib/errors.ts';
import { isWorthRetrying, retryDelaysMs } from './retry.ts';

export type TransmissionEvents = {
  onprogress: (sentBytes: number) => void;
  /** It will be tried again by itself. Undefined: nobody answered. */
  onstall: (report: ReportedError | undefined) => void;
  onsent: () => void;
  /** Undefined: nobody answered, for more than a day. */
  onfail: (report: ReportedError | undefined) => void;
};

/** Small enough that little is sent twice, large enough that the pauses between them do not count. */
const chunkBytes = 64 * 1024 * 1024;

export class Transmission {
  #upload: Upload;

  constructor(file: File, uploadUrl: string, events: TransmissionEvents) {
    this.#upload = new Upload(file, {
      uploadUrl,
      chunkSize: chunkBytes,
      retryDelays: retryDelaysMs,
      storeFingerprintForResuming: false,
      headers: { 'x-turnover': 'web' },
      onProgress: events.onprogress,
      onShouldRetry: (error) => {
        const again = isWorthRetrying(error.originalResponse?.getStatus() ?? 0);
        if (again) events.onstall(reportOf(error));
        return again;
      },
      onSuccess: events.onsent,
      onError: (error) => events.onfail(reportOf(error)),
    });
  }

  start(): void {
    this.#upload.start();
  }

  stop(): void {
    void this.#upload.abort();
  }
}

const codeOfStatus: Record<number, ErrorCode> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'upload_gone',
  410: 'upload_gone',
  413: 'too_large',
  422: 'upload_gone',
};

/** The answer names what happened; to HEAD there is no body, so that the status has to do. */
function reportOf(error: Error | DetailedError): ReportedError | undefined {
  const response = 'originalResponse' in error ? error.originalResponse : null;
  if (!response) return undefined;
  const fallback = { code: codeOfStatus[response.getStatus()] ?? ('unavailable' as const) };
  try {
    return { ...fallback, ...(JSON.parse(response.getBody()) as ReportedError) };
  } catch {
    return fallback;
  }
}
