// Menus, dialogs and the bell load their script with the first press. A press before it has come is not lost.
import type { Page } from '@playwright/test';
import { expect, test } from './fixtures.ts';

/** Holds back scripts until `release`, and tells when one was asked for. */
async function holdScripts(page: Page) {
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const { promise: asked, resolve: ask } = Promise.withResolvers<void>();
  await page.route(/\/_app\/immutable\/.*\.js$/, async (route) => {
    ask();
    await released;
    await route.continue();
  });
  return { asked, release };
}

test('a menu opens when its script arrives, for pointer and keyboard', async ({ page, owner, signIn }) => {
  await signIn(page, owner);
  const button = page.getByRole('button', { name: `Account menu of ${owner.name}` });
  const menu = page.getByRole('menu');

  await test.step('a press opens it, and another one closes it', async () => {
    await page.goto('/');
    const scripts = await holdScripts(page);
    await button.click();
    await expect(button).toHaveAttribute('aria-haspopup', 'menu');
    await expect(button).toHaveAttribute('aria-expanded', 'true');
    await expect(menu).toBeHidden();
    scripts.release();
    await expect(menu).toBeVisible();
    const { x, y } = (await button.boundingBox())!;
    await page.mouse.click(x + 10, y + 10);
    await expect(menu).toBeHidden();
    await expect(button).toHaveAttribute('aria-expanded', 'false');
    await page.unrouteAll({ behavior: 'wait' });
  });

  await test.step('a key opens it at the first item, and Tab goes on from the button', async () => {
    await page.goto('/');
    const scripts = await holdScripts(page);
    await button.focus();
    await page.keyboard.press('Enter');
    await expect(menu).toBeHidden();
    scripts.release();
    await expect(menu.getByRole('menuitem').first()).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(menu.getByRole('menuitem').nth(1)).toBeFocused();
    await page.keyboard.press('Shift+Tab');
    await expect(menu).toBeHidden();
    await expect(button).not.toBeFocused();
    await page.keyboard.press('Tab');
    await expect(button).toBeFocused();
    await page.keyboard.press('ArrowDown');
    await expect(menu.getByRole('menuitem').first()).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(button).toBeFocused();
    await page.unrouteAll({ behavior: 'wait' });
  });

  await test.step('Escape takes the press back', async () => {
    await page.goto('/');
    const scripts = await holdScripts(page);
    await button.focus();
    await page.keyboard.press('Enter');
    await scripts.asked;
    await page.keyboard.press('Escape');
    await expect(button).toHaveAttribute('aria-expanded', 'false');
    scripts.release();
    await page.unrouteAll({ behavior: 'wait' });
    await expect(menu).toBeHidden();
    await page.keyboard.press('Enter');
    await expect(menu).toBeVisible();
  });
});

test('the bell opens when its script arrives, and takes the focus back', async ({ page, owner, signIn }) => {
  await signIn(page, owner);
  await page.goto('/');
  const bell = page.getByRole('button', { name: /^Notifications/ });
  const panel = page.getByRole('dialog', { name: 'Notifications' });
  const scripts = await holdScripts(page);
  await bell.click();
  await expect(bell).toHaveAttribute('aria-expanded', 'true');
  await expect(panel).toBeHidden();
  scripts.release();
  await expect(panel).toBeFocused();
  await page.keyboard.press('Escape');
  await expect(panel).toBeHidden();
  await expect(bell).toBeFocused();
  await bell.click();
  await expect(panel).toBeVisible();
  await bell.click();
  await expect(panel).toBeHidden();
  await page.unrouteAll({ behavior: 'wait' });
});
