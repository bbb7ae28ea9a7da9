/** Helpers that press and read the Workspace page. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, type Locator, type Page } from '@playwright/test';

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

/** Chooses files in the upload dialog. */
export async function uploadByDialog(page: Page, files: Record<string, string | Buffer>): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'turnover-files-'));
  const paths = Object.entries(files).map(([name, text]) => {
    writeFileSync(join(folder, name), text);
    return join(folder, name);
  });
  await page.getByRole('button', { name: 'Upload', exact: true }).first().click();
  const chooser = page.waitForEvent('filechooser');
  await page.getByRole('dialog', { name: 'Upload' }).getByRole('button', { name: 'Choose files' }).click();
  await (await chooser).setFiles(paths);
  for (const name of Object.keys(files)) await expect(rowOf(page, name)).toContainText('Received');
}

/** Expects the colour of an element to be that of a theme variable. */
export async function expectColour(page: Page, element: Locator, variable: string): Promise<void> {
  const wanted = await page.evaluate((name) => {
    const probe = document.body.appendChild(document.createElement('i'));
    probe.style.backgroundColor = `var(${name})`;
    const colour = getComputedStyle(probe).backgroundColor;
    probe.remove();
    return colour;
  }, variable);
  await expect(element).toHaveCSS('background-color', wanted);
}
