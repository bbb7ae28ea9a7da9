/** Expects that axe finds no accessibility problem on the page. */
import AxeBuilder from '@axe-core/playwright';
import { expect, type Page } from '@playwright/test';

export async function expectAccessible(page: Page, screen: string): Promise<void> {
  // Floating elements lie outside the landmarks; no success criterion forbids that.
  const { violations } = await new AxeBuilder({ page }).disableRules(['region']).analyze();
  const found = violations.map(({ id, nodes }) => ({
    id,
    nodes: nodes.map(({ html }) => html.slice(0, 300)),
  }));
  expect({ screen, found }).toEqual({ screen, found: [] });
}
