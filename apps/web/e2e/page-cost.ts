/**
 * Measures the cost of a first visit to a page: the size of its scripts, its requests, and the time until it shows
 * content.
 */
import { chromium, devices, type Browser, type BrowserContext } from '@playwright/test';

export type PageCost = {
  /** Compressed size of all scripts in bytes, as sent over the network. */
  scriptBytes: number;
  requests: number;
  firstContentMs: number;
};
export type Cookies = Awaited<ReturnType<BrowserContext['cookies']>>;

export function openBrowser(executablePath: string | undefined): Promise<Browser> {
  const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
  return chromium.launch({ args, ...(executablePath && { executablePath }) });
}

/** Signs in and returns the cookies of the session. */
export async function signedIn(
  browser: Browser,
  address: string,
  account: { email: string; password: string },
): Promise<Cookies> {
  const context = await browser.newContext({ baseURL: address });
  const page = await context.newPage();
  await page.goto('/sign-in');
  await page.locator('html[data-listening]').waitFor({ state: 'attached' });
  await page.getByLabel('E-mail').fill(account.email);
  await page.getByLabel('Password', { exact: true }).fill(account.password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.waitForURL(/\/p\//);
  const cookies = await context.cookies();
  await context.close();
  return cookies;
}

/** Opens the page with an empty cache, on a processor that is slowed down `slowdown` times. */
export async function costOf(
  browser: Browser,
  url: string,
  { cookies, slowdown }: { cookies: Cookies; slowdown: number },
): Promise<PageCost> {
  const context = await browser.newContext({ ...devices['Desktop Chrome'] });
  try {
    await context.addCookies(cookies);
    const page = await context.newPage();
    const devTools = await context.newCDPSession(page);
    await devTools.send('Network.enable');
    await devTools.send('Emulation.setCPUThrottlingRate', { rate: slowdown });
    let scriptBytes = 0;
    let requests = 0;
    const scripts = new Set<string>();
    devTools.on('Network.responseReceived', ({ requestId, type }) => {
      requests++;
      if (type === 'Script') scripts.add(requestId);
    });
    devTools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) scriptBytes += encodedDataLength;
    });
    await page.goto(url);
    await page.locator('html[data-listening]').waitFor({ state: 'attached' });
    const firstContentMs = await page.evaluate(
      () => performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? Number.NaN,
    );
    return { scriptBytes, requests, firstContentMs };
  } finally {
    await context.close();
  }
}
