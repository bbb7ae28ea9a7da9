/** Pages whose `goto` and `reload` wait until the page listens, so that no test presses a button without a handler. */
import { test as base, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';

/** Every browser test extends this. */
export const test = base.extend({
  browser: [
    async ({ browser }, use) => {
      waitForListening(browser);
      await use(browser);
    },
    { scope: 'worker' },
  ],
});

function waitForListening(browser: Browser): void {
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options?: BrowserContextOptions) => {
    const context = await newContext(options);
    if (options?.javaScriptEnabled !== false) context.on('page', followLoads);
    return context;
  };
}

function followLoads(page: Page): void {
  const goto = page.goto.bind(page);
  const reload = page.reload.bind(page);
  page.goto = async (...args) => afterLoad(page, await goto(...args));
  page.reload = async (...args) => afterLoad(page, await reload(...args));
}

async function afterLoad<Answer>(page: Page, answer: Answer): Promise<Answer> {
  await page.locator('html[data-listening]').waitFor({ state: 'attached' });
  return answer;
}
