/** Key presses on a page that has just loaded, which may not listen yet or may move the focus back to its top. */
import { expect, type Locator, type Page } from '@playwright/test';

/** Presses the key again until the target has the focus, as a person would. */
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

/** Moves the focus to the target as a person without a mouse does. */
export async function tabTo(page: Page, target: Locator, by = 'Tab'): Promise<void> {
  // Arrows move in menus, which may be loading; keys that are pressed meanwhile go elsewhere.
  if (by !== 'Tab') await target.waitFor();
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
