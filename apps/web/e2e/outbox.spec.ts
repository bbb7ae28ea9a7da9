// Owners see what became of mails, without what they say, and try the mail server with one to themselves.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';

test('an owner sends a test mail and sees that the mail server does not answer', async ({
  browser,
  owner,
  signIn,
  startOwnHub,
}) => {
  // Nothing listens there.
  const hub = await startOwnHub({ TURNOVER_SMTP_URL: 'smtp://127.0.0.1:9' });
  const context = await browser.newContext({ baseURL: hub.address });
  const page = await context.newPage();
  await signIn(page, owner);
  await page.goto('/server');
  await page.getByRole('link', { name: 'Mail', exact: true }).click();
  await expect(page.getByText('No mails')).toBeVisible();
  await page.getByRole('button', { name: 'Send me a test mail' }).click();
  const row = page.getByRole('row', { name: new RegExp(`^${owner.email}`) });
  await expect(row).toContainText('Waiting');
  await expect(row).toContainText('ECONNREFUSED');
  await expect(row).toContainText('Next attempt');
  await page.getByRole('button', { name: 'Send me a test mail' }).hover();
  await expect(page.getByText('A mail to you waits already.').first()).toBeVisible();
  await expectAccessible(page, 'the mails');
  await context.close();
});

test('without a mail server the page says how to set one', async ({
  browser,
  owner,
  signIn,
  startOwnHub,
}) => {
  const hub = await startOwnHub();
  const context = await browser.newContext({ baseURL: hub.address });
  const page = await context.newPage();
  await signIn(page, owner);
  await page.goto('/server/mail');
  await expect(page.getByText('E-mail is off. To send e-mail, set TURNOVER_SMTP_URL.')).toBeVisible();
  await expect(page.getByRole('button', { name: 'Send me a test mail' })).toHaveCount(0);
  await context.close();
});
