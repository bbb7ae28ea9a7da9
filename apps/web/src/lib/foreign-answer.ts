/** An answer that is not the hub's own: usually a proxy sent it. */

export class ForeignAnswer extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`Something between this page and the hub answered with status ${status}.`);
    this.name = 'ForeignAnswer';
    this.status = status;
  }
}

/** Passes answers of the API, whose refusals are always JSON, and throws on others. */
export function requireOwnAnswer(response: Response): Response {
  if (response.ok || response.headers.get('content-type')?.includes('json')) return response;
  throw new ForeignAnswer(response.status);
}

/** Finds the error wherever the API client put it. */
export function foreignAnswerIn(error: unknown): ForeignAnswer | undefined {
  if (error instanceof ForeignAnswer) return error;
  return error instanceof Error && error.cause !== undefined ? foreignAnswerIn(error.cause) : undefined;
}
