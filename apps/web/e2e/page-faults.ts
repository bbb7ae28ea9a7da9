/** What goes wrong in the pages of a test: script errors, errors in the console, requests that fail or are refused. */
import type { BrowserContext, Request } from '@playwright/test';

const faults: string[] = [];

/** Notes the faults of all pages of the context. */
export function watchFaults(context: BrowserContext): void {
  context.on('weberror', (event) => faults.push(`script error: ${event.error().stack}`));
  context.on('console', (message) => {
    // The browser's own words for a request that failed or was refused, which is noted below with its address.
    if (message.type() !== 'error' || message.text().startsWith('Failed to load resource')) return;
    faults.push(`console: ${message.text()}`);
  });
  context.on('requestfailed', (request) => {
    const why = request.failure()?.errorText ?? '';
    // The page itself stops requests when another page opens.
    if (why !== 'net::ERR_ABORTED') faults.push(`${why} ${lineOf(request)}`);
  });
  context.on('response', (response) => {
    if (response.status() >= 400) faults.push(`${response.status()} ${lineOf(response.request())}`);
  });
}

/** The faults since the last call. */
export function takeFaults(): string[] {
  return faults.splice(0);
}

function lineOf(request: Request): string {
  return `${request.method()} ${new URL(request.url()).pathname}`;
}
