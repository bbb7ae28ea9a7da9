// The sidebar: when collapsed, it opens at the left edge for pointer and focus. It lists only pages that the person may
// open.
import { expect, test } from './fixtures.ts';
import { tabTo } from './keys.ts';
import { callOf, joinProject } from './people.ts';

test(
  'a collapsed sidebar opens while the pointer or the focus is at the left edge',
  { tag: '@A4' },
  async ({ browser, page: desk, owner, signIn }) => {
    await signIn(desk, owner);
    const id = (await callOf(desk, 'projects.create', { name: 'Edge Light' })).id as string;
    const { page } = await joinProject(browser, desk, id, 'Eda Side', 'eda@side.example');
    await page.goto(`/p/${id}/workspace`);
    const navigation = page.getByRole('navigation', { name: 'Main navigation' }).first();
    const link = navigation.getByRole('link', { name: 'Deliveries' });
    const names = ['My work', 'Workspace', 'Deliveries', 'Activity', 'Projects'];
    await expect(navigation.getByRole('link')).toHaveCount(names.length);
    await expect(navigation.getByRole('link')).toContainText(names);

    await page.getByRole('button', { name: 'Collapse' }).click();
    await page.mouse.move(700, 400);
    await expect(link).not.toBeInViewport();
    await page.mouse.move(4, 400);
    await expect(link).toBeInViewport({ ratio: 1 });
    await page.mouse.move(700, 400);
    await expect(link).not.toBeInViewport();

    await page.reload();
    await expect(link).not.toBeInViewport();
    await page.getByRole('heading', { level: 1 }).click();
    await tabTo(page, link, 'Shift+Tab');
    await expect(link).toBeInViewport({ ratio: 1 });
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: 'Deliveries', level: 1 })).toBeVisible();

    await page.mouse.move(4, 400);
    await page.getByRole('button', { name: 'Expand' }).click();
    await page.mouse.move(700, 400);
    await expect(link).toBeInViewport({ ratio: 1 });
    await page.context().close();
  },
);
