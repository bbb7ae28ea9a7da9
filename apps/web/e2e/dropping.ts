import { expect, type Page } from '@playwright/test';

/**
 * Drops files as a desktop does: the page gets file system entries. Waits until the page says where they would go, as a
 * person does.
 */
export async function drop(page: Page, paths: string[]): Promise<void> {
  const session = await page.context().newCDPSession(page);
  const data = { items: [], files: paths, dragOperationsMask: 1 };
  const send = (type: 'dragEnter' | 'dragOver' | 'drop') =>
    session.send('Input.dispatchDragEvent', { type, x: 640, y: 480, data });
  await send('dragEnter');
  await expect(async () => {
    await send('dragOver');
    await expect(page.locator('.drop-label')).toBeVisible({ timeout: 500 });
  }).toPass();
  await send('drop');
  await session.detach();
}
