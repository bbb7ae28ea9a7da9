/**
 * Records what goes wrong in the pages of a test: script errors, console errors, and requests that fail or are refused.
 */
import type { BrowserContext, Request } from '@playwright/test';

const faults: string[] = [];

/** Records the faults of all pages of the context. */
export function watchFaults(context: BrowserContext): void {
  context.on('weberror', (event) => faults.push(`script error: ${event.error().stack}`));
  context.on('console', (message) => {
    // Skips the browser's own console message about a failed or refused request; the request itself is recorded below
    // with its address.
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
    faults.push(`console: ${message.text()}`);
  });
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // Requests are aborted by the page itself when another page opens.
    if (why !== 'net::ERR_ABORTED') faults.push(`${why} ${lineOf(request)}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${lineOf(response.request())}`);
  });
}

/** Returns the faults since the last call. */
export function takeFaults(): string[] {
  return faults.splice(0);
}

function lineOf(request: Request): string {
  return `${request.method()} ${new URL(request.url()).pathname}`;
}
