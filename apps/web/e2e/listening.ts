/**
 * Fixtures whose `goto` and `reload` wait until the page has its event handlers, so that no test presses a button too
 * early. Faults of a page fail the test.
 */
import { expect, test as base, type Browser, type BrowserContextOptions, type Page } from '@playwright/test';
import { takeFaults, watchFaults } from './page-faults.ts';

type PerTest = {
  /** Declares which faults the test causes (`403 POST /api/…`). The test fails if one of them does not happen. */
  expectFaults: (...faults: RegExp[]) => void;
};

/** The base of every browser test. */
export const test = base.extend<PerTest>({
  browser: [
    async ({ browser }, use) => {
      watch(browser);
      await use(browser);
      expectOnly([], takeFaults());
    },
    { scope: 'worker' },
  ],
  expectFaults: [
    // eslint-disable-next-line no-empty-pattern
    async ({}, use) => {
      const expected: RegExp[] = [];
      await use((...faults) => void expected.push(...faults));
      expectOnly(expected, takeFaults());
    },
    { auto: true },
  ],
});

function expectOnly(expected: RegExp[], faults: string[]): void {
  const unexpected = faults.filter((fault) => !expected.some((pattern) => pattern.test(fault)));
  const missing = expected.filter((pattern) => !faults.some((fault) => pattern.test(fault)));
  expect({ unexpected, missing }, 'faults in the pages').toEqual({ unexpected: [], missing: [] });
}

function watch(browser: Browser): void {
  const newContext = browser.newContext.bind(browser);
  browser.newContext = async (options?: BrowserContextOptions) => {
    const context = await newContext(options);
    watchFaults(context);
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
  await untilListening(page);
  return answer;
}

/** For pages that a form leads to: until then, the start of the page may undo what is filled in. */
export function untilListening(page: Page): Promise<void> {
  return page.locator('html[data-listening]').waitFor({ state: 'attached' });
}
