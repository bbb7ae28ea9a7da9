/** Reads the answers that requests to `/uploads` get, from the hub or from a proxy in between. */
import type { ErrorCode } from '@turnover/domain/errors';
import type { ReportedError } from '#lib/reported-error.ts';

export type Answer = {
  status: number;
  /** True for an answer of the hub: the tus protocol requires `Tus-Resumable`, which a proxy does not send. */
  isOfHub: boolean;
  body: string;
};

const codeOfStatus: Record<number, ErrorCode> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'upload_gone',
  410: 'upload_gone',
  413: 'too_large',
  422: 'upload_gone',
};

/** Returns the error that the body names. An answer to HEAD has no body, so the status decides. */
export function reportIn({ status, body }: Pick<Answer, 'status' | 'body'>): ReportedError {
  const fallback = { code: codeOfStatus[status] ?? ('unavailable' as const) };
  try {
    return { ...fallback, ...(JSON.parse(body) as ReportedError) };
  } catch {
    return fallback;
  }
}
