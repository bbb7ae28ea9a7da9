// Faults in any page that a test opens are recorded, and fail the test.
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { takeFaults } from './page-faults.ts';

const planted = [
  /^script error: Error: planted/,
  /^console: planted$/,
  /^404 GET \/missing.png$/,
  /^418 POST \/planted$/,
  /^net::ERR_FAILED GET \/planted.png$/,
];

async function plant(page: Page): Promise<void> {
  await page.route('**/planted', (route) => route.fulfill({ status: 418 }));
  await page.route('**/planted.png', (route) => route.abort());
  await page.goto('/sign-in');
  await page.evaluate(async () => {
    console.error('planted');
    setTimeout(() => {
      throw new Error('planted');
    });
    for (const src of ['/missing.png', '/planted.png']) {
      const image = Object.assign(new Image(), { src });
      await image.decode().catch(() => {});
    }
    await fetch('/planted', { method: 'POST' });
  });
}

test('records the faults of every page and context', async ({ page, browser, baseURL }) => {
  await plant(page);
  const second = await browser.newPage({ baseURL });
  await plant(second);
  const opening = page.context().waitForEvent('page');
  await page.evaluate(() => void window.open('/sign-in'));
  await plant(await opening);
  const faults = takeFaults();
  for (const fault of planted) expect(faults.filter((each) => fault.test(each))).toHaveLength(3);
  expect(faults).toHaveLength(3 * planted.length);
  await second.close();
});

test('passes when all faults are expected', async ({ page, expectFaults }) => {
  expectFaults(...planted);
  await plant(page);
});

test.fail('fails with an unexpected fault', async ({ page, expectFaults }) => {
  expectFaults(...planted.slice(1));
  await plant(page);
});

test.fail('fails when an expected fault does not happen', async ({ page, expectFaults }) => {
  expectFaults(/^500/);
  await page.goto('/sign-in');
});
