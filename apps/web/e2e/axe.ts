/** Expects that axe finds no accessibility problem on the page. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

export async function expectAccessible(page: Page, screen: string): Promise<void> {
  // Floating elements lie outside the landmarks; no success criterion forbids that.
  const axe = (await axeFor(page)).disableRules(['region']);
  const { violations } = await axe.analyze();
  const found = violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html }) => html.slice(0, 300)),
  }));
  expect({ screen, found }).toEqual({ screen, found: [] });
}

/** Gives axe's half a megabyte to each document once, and takes back only what is wrong. */
export async function axeFor(page: Page): Promise<AxeBuilder> {
  await page.evaluate(standStill);
  const isThere = await page.evaluate(() => 'axe' in window);
  // The default mode opens another page to test frames, and the page has no frames.
  return new AxeBuilder({ page, ...(isThere && { axeSource: ';' }) })
    .options({ resultTypes: ['violations'] })
    .setLegacyMode();
}

/** Runs in the page. Halfway through a change of colours, or while a panel slides in, the contrast is not the final one. */
async function standStill(): Promise<void> {
  const nextFrame = () => new Promise((resolve) => requestAnimationFrame(resolve));
  for (;;) {
    // What was just opened begins its animation with the second frame from here.
    await nextFrame();
    await nextFrame();
    const ending = document
      .getAnimations()
      .filter(({ effect }) => effect?.getComputedTiming().endTime !== Infinity);
    if (ending.length === 0) return;
    await Promise.allSettled(ending.map(({ finished }) => finished));
  }
}
