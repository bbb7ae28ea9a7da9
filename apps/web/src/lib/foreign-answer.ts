/** An answer that is not the hub's: something between, usually a proxy, gave it in its own words. */

export class ForeignAnswer extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`Something between this page and the hub answered with status ${status}.`);
    this.name = 'ForeignAnswer';
    this.status = status;
  }
}

/** Passes on what the API said; a refusal of the API is always JSON. */
export function requireOwnAnswer(response: Response): Response {
  if (response.ok || response.headers.get('content-type')?.includes('json')) return response;
  throw new ForeignAnswer(response.status);
}

/** Wherever the API client put it. */
export function foreignAnswerIn(error: unknown): ForeignAnswer | undefined {
  if (error instanceof ForeignAnswer) return error;
  return error instanceof Error && error.cause !== undefined ? foreignAnswerIn(error.cause) : undefined;
}
