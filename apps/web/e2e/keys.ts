/** Keys on a page that has just come: it may not listen yet, or move the focus to its top once more. */
import { expect, type Locator, type Page } from '@playwright/test';

/** Presses again, as a person would, as long as the key has not led there. */
export async function focusByKey(page: Page, key: string, target: Locator): Promise<void> {
  await expect(async () => {
    if (!(await hasFocus(target))) await page.keyboard.press(key);
    await expect(target).toBeFocused({ timeout: 1000 });
  }).toPass();
}

export async function hasFocus(target: Locator): Promise<boolean> {
  if ((await target.count()) !== 1) return false;
  return target.evaluate((element) => element === document.activeElement);
}

/** As a person without a mouse gets there. */
export async function tabTo(page: Page, target: Locator, by = 'Tab'): Promise<void> {
  for (let step = 0; step < 90; step++) {
    if (await hasFocus(target)) return;
    await page.keyboard.press(by);
  }
  throw new Error('The keyboard does not get there.');
}

export async function press(page: Page, target: Locator, key = 'Enter', by = 'Tab'): Promise<void> {
  await tabTo(page, target, by);
  await page.keyboard.press(key);
}
