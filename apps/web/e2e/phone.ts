/**
 * Pages that are used only by touch or only by keyboard: an event of the wrong kind logs a console error, which fails
 * the test.
 */
import { devices, type Browser, type Page } from '@playwright/test';
import { originOf, type Colleague } from './people.ts';

type Pointer = 'mouse' | 'touch';

/** Opens a page of the person on a phone of 390 px width. */
export async function onPhone(browser: Browser, { page }: Colleague): Promise<Page> {
  const { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch } = devices['Pixel 7'];
  const device = { viewport: { ...viewport, width: 390 }, userAgent, deviceScaleFactor, isMobile, hasTouch };
  const storageState = await page.context().storageState();
  const context = await browser.newContext({ ...device, storageState, baseURL: await originOf(page) });
  const phone = await context.newPage();
  await forbid(phone, ['mouse']);
  return phone;
}

/** Opens another page of the person for the keyboard. The caller closes it. */
export async function byKeys({ page }: Colleague): Promise<Page> {
  const keys = await page.context().newPage();
  await forbid(keys, ['mouse', 'touch']);
  return keys;
}

async function forbid(page: Page, pointers: Pointer[]): Promise<void> {
  await page.addInitScript((forbidden) => {
    addEventListener(
      'pointerdown',
      ({ pointerType, isTrusted }) => {
        if (isTrusted && forbidden.includes(pointerType as Pointer))
          console.error(`pressed by ${pointerType}`);
      },
      true,
    );
  }, pointers);
}
