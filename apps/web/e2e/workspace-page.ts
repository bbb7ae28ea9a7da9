/** What the tests of a Workspace press and read. */
import type { Locator, Page } from '@playwright/test';

export const rowOf = (page: Page, name: string): Locator =>
  page.getByRole('row').filter({ has: page.getByRole('checkbox', { name: `Select ${name}`, exact: true }) });

export const barOf = (page: Page): Locator =>
  page.locator('[role="region"][aria-label="Selection"]:not([inert])');

export async function select(page: Page, ...names: string[]): Promise<void> {
  for (const name of names) await page.getByRole('checkbox', { name: `Select ${name}`, exact: true }).check();
}

/** Chooses an action in the row's menu. */
export async function act(page: Page, name: string, action: string | RegExp): Promise<void> {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  await page.getByRole('menuitem', { name: action }).click();
}
