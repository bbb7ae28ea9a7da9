// The script that the pages people have open all day send at a first visit. It grows unnoticed with each import, so a
// page that becomes heavier than this fails. Load what opens later with `Lazy`; a new figure needs a reason, and none may
// reach 150 kB.
import type { Browser } from '@playwright/test';
import { expect, test } from './fixtures.ts';
import { costOf } from './page-cost.ts';
import { callOf, joinProject } from './people.ts';

const maxRequests = 30;
const budgets = { workspace: 140_000, deliveries: 124_000, details: 149_000 };

let browser: Browser;
let pages: Record<keyof typeof budgets, string>;
let cookies: Parameters<typeof costOf>[2]['cookies'];

test.beforeAll(async ({ browser: shared, hub, owner, signIn }) => {
  browser = shared;
  const page = await browser.newPage({ baseURL: hub.address });
  await signIn(page, owner);
  const { id: projectId } = await callOf(page, 'projects.create', { name: 'Western Light' });
  const cora = await joinProject(browser, page, projectId, 'Cora Lead', 'cora@size.example', 'coordinator');
  await page.close();
  const { id: requestId } = await callOf(cora.page, 'requests.create', { projectId, name: 'Key art' });
  const project = `${hub.address}/p/${projectId}`;
  pages = {
    workspace: `${project}/workspace`,
    deliveries: `${project}/deliveries`,
    details: `${project}/deliveries/${requestId}`,
  };
  cookies = await cora.page.context().cookies();
  await cora.page.context().close();
});

for (const name of Object.keys(budgets) as (keyof typeof budgets)[]) {
  test(`${name} stays within its budget of script and requests`, async () => {
    const cost = await costOf(browser, pages[name], { cookies, slowdown: 1 });
    expect(cost.scriptBytes).toBeGreaterThan(50_000);
    expect(cost.scriptBytes).toBeLessThanOrEqual(budgets[name]);
    expect(cost.requests).toBeLessThanOrEqual(maxRequests);
  });
}
