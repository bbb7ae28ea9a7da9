/** An answer that does not come from the hub, usually from a proxy. */

export class ForeignAnswer extends Error {
  readonly status: number;

  constructor(status: number) {
    super(`Something between this page and the hub answered with status ${status}.`);
    this.name = 'ForeignAnswer';
    this.status = status;
  }
}

/** Throws when a refusal is not JSON: the API refuses in JSON, so a proxy sent it. */
export function requireOwnAnswer(response: Response): Response {
  if (response.ok || response.headers.get('content-type')?.includes('json')) return response;
  throw new ForeignAnswer(response.status);
}

/** Finds a ForeignAnswer in an error or its causes. */
export function foreignAnswerIn(error: unknown): ForeignAnswer | undefined {
  if (error instanceof ForeignAnswer) return error;
  return error instanceof Error && error.cause !== undefined ? foreignAnswerIn(error.cause) : undefined;
}
