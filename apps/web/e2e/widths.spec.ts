// Tests every list at a few widths, with the longest names. `widths.long.spec.ts` covers more widths, languages and
// panels.
import { expect, test } from './fixtures.ts';
import { everyList, firstRow } from './lists.ts';
import { createLongNames } from './long-names.ts';
import { widthFaults } from './width-faults.ts';

const widths = [390, 768, 1180, 1440];

test('shows names, texts and columns of every list at every width', async ({
  browser,
  page,
  owner,
  signIn,
}) => {
  const long = await createLongNames(browser, page, owner, signIn);
  for (const { name, path } of everyList(long)) {
    await page.goto(path);
    await expect(firstRow(page)).toBeVisible();
    for (const width of widths) {
      await page.setViewportSize({ width, height: 900 });
      expect.soft(await widthFaults(page), `${name}, ${width} px`).toEqual([]);
    }
  }
  await long.partner.page.context().close();
});
