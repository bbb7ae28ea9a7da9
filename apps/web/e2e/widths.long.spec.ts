// Tests every list at every width, in both languages, with and without the side panel.
import { expect, test } from './fixtures.ts';
import { everyList, firstRow } from './lists.ts';
import { createLongNames, type LongNames } from './long-names.ts';
import { widthFaults } from './width-faults.ts';

const widths = [360, 390, 480, 640, 768, 900, 1024, 1180, 1280, 1440, 1920, 2560];
const wide = 1440;

test.describe.configure({ mode: 'serial' });

let long: LongNames;

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const page = await browser.newPage({ baseURL: hub.address });
  long = await createLongNames(browser, page, owner, signIn);
  await page.close();
});
test.afterAll(async () => long?.partner.page.context().close());

for (const language of ['en', 'es-419']) {
  test(`shows every list at every width without faults, ${language}`, async ({
    page,
    hub,
    owner,
    signIn,
  }) => {
    await signIn(page, owner);
    await page.context().addCookies([{ name: 'turnover_locale', value: language, url: hub.address }]);
    for (const { name, path, openPanel } of everyList(long)) {
      await page.setViewportSize({ width: wide, height: 900 });
      await page.goto(path);
      await expect(firstRow(page)).toBeVisible();
      for (const open of openPanel ? [undefined, openPanel] : [undefined]) {
        await page.setViewportSize({ width: wide, height: 900 });
        await open?.(page);
        for (const width of widths) {
          await page.setViewportSize({ width, height: 900 });
          const where = `${name}, ${width} px${open ? ', with the panel' : ''}`;
          expect.soft(await widthFaults(page), where).toEqual([]);
        }
      }
    }
  });
}
