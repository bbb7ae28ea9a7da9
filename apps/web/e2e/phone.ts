/** Pages that are used by touch alone or by keys alone: a press of another kind is an error in the console, which fails the test. */
import { devices, type Browser, type Page } from '@playwright/test';
import type { Colleague } from './people.ts';

type Pointer = 'mouse' | 'touch';

/** A page of the person on a phone of 390 px. */
export async function onPhone(browser: Browser, { page }: Colleague): Promise<Page> {
  const { viewport, userAgent, deviceScaleFactor, isMobile, hasTouch } = devices['Pixel 7'];
  const device = { viewport: { ...viewport, width: 390 }, userAgent, deviceScaleFactor, isMobile, hasTouch };
  const storageState = await page.context().storageState();
  const context = await browser.newContext({ ...device, storageState, baseURL: new URL(page.url()).origin });
  const phone = await context.newPage();
  await forbid(phone, ['mouse']);
  return phone;
}

/** Another page of the person, for the keyboard. Close it at the end. */
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
