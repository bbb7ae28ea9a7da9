// Shares: what they allow, how they are passed on, how they end, and how both sides are notified.
import type { Page } from '@playwright/test';
import { databasePath } from '@turnover/db/data-folder';
import { openDatabase } from '@turnover/db/open';
import { openMailServerForTest, type TestMailServer } from '@turnover/core/testing/mail-server';
import { expectAccessible } from './axe.ts';
import { expect, startHubOf, test } from './fixtures.ts';
import type { Hub } from './hub.ts';
import { askOf, callOf, joinProject, upload, type Colleague } from './people.ts';
import { act, rowOf, select, uploadByDialog } from './workspace-page.ts';

test.describe.configure({ mode: 'serial' });

let mail: TestMailServer;
let ownHub: Hub;
let projectId: string;
let pat: Colleague;
let june: Colleague;
let wanda: Colleague;
const note = 'Picture is locked. Please use these.';
const dayMs = 24 * 3600_000;

test.beforeAll(async ({ browser, owner, signIn }) => {
  mail = await openMailServerForTest();
  ownHub = await startHubOf(owner, { TURNOVER_SMTP_URL: mail.url });
  const desk = await browser.newPage({ baseURL: ownHub.address });
  await signIn(desk, owner);
  projectId = (await callOf(desk, 'projects.create', { name: 'Northern Light' })).id as string;
  const join = (name: string) => {
    const address = `${name.split(' ')[0]!.toLowerCase()}@sharing.example`;
    return joinProject(browser, desk, projectId, name, address);
  };
  pat = await join('Pat Kowalski');
  june = await join('June Marchetti');
  wanda = await join('Wanda Ito');
  await desk.close();
});
test.afterAll(async () => {
  for (const person of [pat, june, wanda]) await person?.page.context().close();
  await ownHub?.close();
  await mail?.close();
});

const mine = () => `/p/${projectId}/workspace`;
const shared = () => `${mine()}?shared`;
const panelOf = (page: Page) => page.getByRole('complementary', { name: 'Details panel' });
const toastOf = (page: Page) => page.getByRole('region', { name: 'Notifications' }).last();

test(
  'a shared folder shares everything in it, and shows the rights of its people',
  { tag: ['@A8', '@A12'] },
  async () => {
    const { page } = pat;
    const folderId = await folder('Reference');
    await upload(page, { projectId, folderId }, 'plate.mov', 'the plate');
    await upload(page, { projectId }, 'grade.cube', 'the grade');
    await page.goto(mine());
    await act(page, 'Reference', 'Share…');
    const dialog = page.getByRole('dialog', { name: 'Share Reference' });
    for (const { name } of [june, wanda]) {
      await dialog.getByRole('combobox').fill(name.split(' ')[0]!);
      await page.getByRole('option', { name }).click();
    }
    await expect(dialog.getByText('In folders: can add files and move them within the folder')).toBeVisible();
    await dialog.getByRole('switch', { name: 'Can update' }).check();
    await dialog.getByLabel('Note').fill(note);
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    await expect(toastOf(page)).toContainText('Shared with June Marchetti, Wanda Ito');

    await test.step('June adds, renames and moves in it, but shares nothing on and moves nothing out', async () => {
      await june.page.goto(shared());
      await expect(rowOf(june.page, 'Reference')).toContainText('Can update');
      await rowOf(june.page, 'Reference').getByRole('link', { name: 'Reference' }).click();
      await expect(june.page.getByText('Files of Pat Kowalski · Can update · No end date')).toBeVisible();
      await uploadByDialog(june.page, { 'notes.txt': 'seen' });
      await expectItem(june.page, 'plate.mov', 'Share…', 'You need “Can share”. Ask Pat Kowalski');
      await act(june.page, 'plate.mov', 'Rename');
      const rename = june.page.getByRole('dialog', { name: 'Rename' });
      await rename.getByLabel('Name').fill('plate v2.mov');
      await rename.getByRole('button', { name: 'Rename' }).click();
      await expect(rowOf(june.page, 'plate v2.mov')).toBeVisible();
      await act(june.page, 'notes.txt', 'Move to…');
      const move = june.page.getByRole('dialog', { name: 'Move 1 item to…' });
      await expect(move.getByRole('button', { name: 'Up' })).toBeDisabled();
      await move.getByRole('button', { name: 'Cancel' }).click();
    });

    await test.step('Pat moves a file in: June sees it at once; out again: Pat is told who loses it', async () => {
      for (const [target, label] of [
        ['Reference', 'Will see it'],
        ['My Workspace', 'Will no longer see it'],
      ] as const) {
        await select(page, 'grade.cube');
        await page
          .getByRole('region', { name: 'Selection' })
          .getByRole('button', { name: 'Move to…' })
          .click();
        const move = page.getByRole('dialog', { name: 'Move 1 item to…' });
        if (target === 'Reference') await move.getByRole('option', { name: target }).click();
        else await move.getByRole('button', { name: 'Up' }).click();
        await move.getByRole('button', { name: `Move to ${target}` }).click();
        const question = page.getByRole('dialog', { name: `Move 1 item to ${target}?` });
        await expect(question).toContainText(new RegExp(`${label}.*June Marchetti`));
        await question.getByRole('button', { name: 'Move', exact: true }).click();
        const isThere = target === 'Reference';
        await expect(rowOf(june.page, 'grade.cube')).toHaveCount(isThere ? 1 : 0);
        if (isThere) await page.goto(`${mine()}/${folderId}`);
      }
    });

    await test.step('what Pat takes back is taken at once', async () => {
      await page.goto(mine());
      await openPeople(page, 'Reference');
      await personMenu(page, 'June Marchetti', 'Edit');
      const edit = page.getByRole('dialog', { name: "June Marchetti's access" });
      await edit.getByRole('switch', { name: 'Can update' }).uncheck();
      await edit.getByRole('button', { name: 'Save' }).click();
      await expect(edit).toBeHidden();
      const why = 'You need “Can update”. Ask Pat Kowalski';
      await expect(june.page.getByRole('button', { name: 'Upload', exact: true }).first()).toBeDisabled();
      for (const action of ['Rename', 'Move to…', 'Delete for everyone'])
        await expectItem(june.page, 'notes.txt', action, why);
    });
  },
);

test(
  'the panel has the details and the people; a share that is passed on grants no more and lasts no longer',
  { tag: ['@A10', '@A11', '@A21', '@A22'] },
  async () => {
    const { page } = pat;
    await upload(page, { projectId }, 'mix.wav', 'the mix');
    await page.goto(mine());
    await act(page, 'mix.wav', 'Share…');
    const dialog = page.getByRole('dialog', { name: 'Share mix.wav' });
    await dialog.getByRole('combobox').fill('june');
    await page.getByRole('option', { name: 'June Marchetti' }).click();
    await dialog.getByRole('switch', { name: 'Can share' }).check();
    const end = dialog.getByLabel('Expiration date');
    await test.step('the dialog refuses a day that has begun, and names the last day with access', async () => {
      await end.fill(dayIn(-1));
      await expect(dialog).toContainText('That day has already begun');
      await expect(dialog.getByRole('button', { name: 'Share', exact: true })).toBeDisabled();
      await end.fill(dayIn(30));
      await expect(dialog).toContainText(`Last day: ${dayWords(29)}`);
    });
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    await expect(toastOf(page)).toContainText('Shared with June Marchetti');

    await test.step('June shares it on, within her own rights and days', async () => {
      await june.page.goto(shared());
      await expect(rowOf(june.page, 'mix.wav')).toContainText(`Last day: ${dayWords(29)}`);
      await act(june.page, 'mix.wav', 'Share…');
      const onward = june.page.getByRole('dialog', { name: 'Share mix.wav' });
      await onward.getByRole('combobox').fill('wanda');
      await june.page.getByRole('option', { name: 'Wanda Ito' }).click();
      await expect(onward.getByRole('switch', { name: 'Can update' })).toBeDisabled();
      await expect(onward).toContainText('You cannot give this: you may not update it yourself');
      await onward.getByLabel('Expiration date').fill(dayIn(40));
      await expect(onward).toContainText('Your own access ends on');
      await onward.getByRole('button', { name: 'Remove the date' }).click();
      await onward.getByRole('button', { name: 'Share', exact: true }).click();
      await wanda.page.goto(shared());
      await expect(rowOf(wanda.page, 'mix.wav')).toContainText(`Last day: ${dayWords(29)}`);
    });

    await test.step('Pat sees the details, the whole tree, and why', async () => {
      await page.getByRole('button', { name: 'Details of mix.wav' }).click();
      await expect(panelOf(page)).toContainText('xxh128');
      await panelOf(page)
        .getByRole('tab', { name: /^People/ })
        .click();
      await expect(panelOf(page).getByRole('listitem')).toHaveText([
        /June Marchetti.*Can share/s,
        /Wanda Ito.*through June Marchetti/s,
      ]);
      await expectAccessible(page, 'the people of a file');
      await panelOf(page).getByRole('button', { name: 'Why can they see this?' }).click();
      const why = page.getByRole('dialog', { name: 'Why can they see this?' });
      const chain = why.getByRole('list', { name: 'How Wanda Ito got it' }).getByRole('listitem');
      await expect(chain).toContainText(['Pat Kowalski', 'June Marchetti', 'Wanda Ito']);
      await why.getByRole('button', { name: 'Close' }).last().click();
    });

    await test.step('revoking names who falls away, and both lose it at once', async () => {
      const path = `/files/${await rowOf(wanda.page, 'mix.wav').getAttribute('data-row')}`;
      expect((await wanda.page.request.get(path)).status()).toBe(200);
      await personMenu(page, 'June Marchetti', 'Revoke access');
      const revoke = page.getByRole('dialog', { name: "Revoke June Marchetti's access?" });
      await expect(revoke).toContainText('Wanda Ito');
      await revoke.getByRole('button', { name: 'Revoke access' }).click();
      for (const other of [june, wanda]) await expect(rowOf(other.page, 'mix.wav')).toHaveCount(0);
      expect((await wanda.page.request.get(path)).status()).toBe(404);
    });
  },
);

test('an expired share disappears from an open list', { tag: '@A11' }, async () => {
  await upload(pat.page, { projectId }, 'cut.mov', 'the cut');
  await share('cut.mov', june, { expiresOn: dayIn(30) });
  await june.page.goto(shared());
  await expect(rowOf(june.page, 'cut.mov')).toBeVisible();
  const path = `/files/${await rowOf(june.page, 'cut.mov').getAttribute('data-row')}`;
  inDatabase('update shares set expires_at = ? where expires_on is not null', Date.now() + 1000);
  await expect(rowOf(june.page, 'cut.mov')).toHaveCount(0, { timeout: 60_000 });
  expect((await june.page.request.get(path)).status()).toBe(404);
});

test('notifies both sides before a share ends, and one click extends it', { tag: '@A24' }, async () => {
  await upload(pat.page, { projectId }, 'stems.zip', 'the stems');
  await share('stems.zip', june, { expiresOn: dayIn(3) });
  // Makes the share a month old.
  inDatabase('update shares set updated_at = updated_at - ?', 30 * dayMs);
  await ownHub.restartWorker();
  const { page } = pat;
  await page.goto(mine());
  await june.page.goto(shared());
  for (const each of [page, june.page]) {
    await each
      .getByRole('button', { name: /^Notifications/ })
      .first()
      .click();
    await expect(each.getByRole('dialog')).toContainText(
      each === page
        ? `June Marchetti's access to “stems.zip” ends soon. Last day: ${dayWords(2)}`
        : `Your access to “stems.zip” ends soon. Last day: ${dayWords(2)}`,
    );
  }
  await page.getByRole('dialog').getByRole('button', { name: 'Extend by a week' }).click();
  await expect(toastOf(page)).toContainText(`Extended. Last day: ${dayWords(9)}`);
  await june.page.keyboard.press('Escape');
  await expect(rowOf(june.page, 'stems.zip')).toContainText(`Last day: ${dayWords(9)}`);

  await page.keyboard.press('Escape');
  await openPeople(page, 'stems.zip');
  await personMenu(page, 'June Marchetti', 'Extend by a week');
  await expect(toastOf(page)).toContainText('A week more for June Marchetti');
  await expect(rowOf(june.page, 'stems.zip')).toContainText(`Last day: ${dayWords(16)}`);
});

test(
  'shows who opened, downloaded and verified it, and reminds the others once',
  { tag: '@A25' },
  async () => {
    const { page } = pat;
    await upload(page, { projectId }, 'score.wav', 'the score');
    await share('score.wav', june, {});
    await share('score.wav', wanda, {});
    await page.goto(mine());
    await openPeople(page, 'score.wav');
    const people = panelOf(page).getByRole('listitem');
    await expect(people).toContainText(['Not opened', 'Not opened']);
    await june.page.goto(shared());
    await june.page.getByRole('button', { name: 'Details of score.wav' }).click();
    await expect(people.first()).toContainText('Opened');

    const download = june.page.waitForEvent('download');
    await panelOf(june.page).getByRole('link', { name: 'Download' }).click();
    const copy = await (await download).path();
    await expect(people.first()).toContainText('Downloaded');
    const chooser = june.page.waitForEvent('filechooser');
    await panelOf(june.page).getByRole('button', { name: 'Check my copy' }).click();
    await (await chooser).setFiles(copy);
    await expect(panelOf(june.page)).toContainText('Your copy is the same');
    await expect(people.first()).toContainText('Verified');

    await expect(panelOf(page)).toContainText(/Not picked up yet\s*Wanda Ito/);
    const remind = panelOf(page).getByRole('button', { name: 'Remind all' });
    await remind.click();
    await expect(remind).toBeDisabled();
    await remind.hover();
    await expect(page.getByText('They have all been reminded once already')).toBeVisible();
    await wanda.page.goto(mine());
    await wanda.page
      .getByRole('button', { name: /^Notifications/ })
      .first()
      .click();
    await expect(wanda.page.getByRole('dialog')).toContainText(/reminds you.*score\.wav/);
  },
);

test(
  'removing an entry from the own list, revoking a share and deleting are separate actions',
  { tag: '@A23' },
  async () => {
    const { page } = pat;
    await upload(page, { projectId }, 'titles.mov', 'the titles');
    await share('titles.mov', june, { canUpdate: true });
    await share('titles.mov', wanda, {});
    await page.goto(mine());
    await wanda.page.goto(shared());
    await june.page.goto(shared());
    const path = `/files/${await rowOf(page, 'titles.mov').getAttribute('data-row')}`;

    await test.step('“Remove from my list” hides it, and takes no access', async () => {
      await act(wanda.page, 'titles.mov', 'Remove from my list');
      const question = wanda.page.getByRole('dialog');
      await expect(question).toContainText('This only hides it from your list. You keep your access');
      await question.getByRole('button', { name: 'Remove from my list' }).click();
      await expect(rowOf(wanda.page, 'titles.mov')).toHaveCount(0);
      expect((await wanda.page.request.get(path)).status()).toBe(200);
    });

    await test.step('“Delete for everyone” by June: Pat restores it with its shares', async () => {
      await act(june.page, 'titles.mov', 'Delete for everyone');
      const question = june.page.getByRole('dialog', { name: 'Delete “titles.mov”?' });
      await expect(question).toContainText(/Loses access.*Pat Kowalski.*1 more person loses access/);
      await question.getByRole('button', { name: 'Delete' }).click();
      await expect(rowOf(page, 'titles.mov')).toHaveCount(0);
      expect((await wanda.page.request.get(path)).status()).toBe(404);
      await page.goto(`${mine()}?trash`);
      await expect(rowOf(page, 'titles.mov')).toContainText('June Marchetti');
      await page.getByRole('button', { name: 'Restore titles.mov' }).click();
      await expect(rowOf(june.page, 'titles.mov')).toContainText('Can update');
      expect((await wanda.page.request.get(path)).status()).toBe(200);
    });

    await test.step('what Pat deletes comes back by Undo', async () => {
      await page.goto(mine());
      await act(page, 'titles.mov', 'Delete for everyone');
      await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click();
      await expect(rowOf(june.page, 'titles.mov')).toHaveCount(0);
      await toastOf(page).getByRole('button', { name: 'Undo' }).click();
      await expect(rowOf(june.page, 'titles.mov')).toBeVisible();
    });

    await test.step('“Stop sharing” takes everybody’s access, and keeps the file', async () => {
      const question = page.getByRole('dialog', { name: 'Stop sharing titles.mov?' });
      const stop = async () => {
        await expect(question).toContainText(/June Marchetti, Wanda Ito|Wanda Ito, June Marchetti/);
        await question.getByRole('button', { name: 'Stop sharing' }).click();
        await expect(rowOf(june.page, 'titles.mov')).toHaveCount(0);
      };
      await act(page, 'titles.mov', 'Stop sharing');
      await stop();
      await toastOf(page).getByRole('button', { name: 'Undo' }).click();
      await expect(rowOf(june.page, 'titles.mov')).toBeVisible();
      await openPeople(page, 'titles.mov');
      await panelOf(page).getByRole('button', { name: 'Stop sharing' }).click();
      await stop();
      await expect(panelOf(page)).toContainText('Nobody else sees this.');
      await expect(rowOf(page, 'titles.mov')).toBeVisible();
      expect((await wanda.page.request.get(path)).status()).toBe(404);
    });
  },
);

// This test is the last one, because mails are held back for some seconds.
test('the recipient of a share gets a mail with its note', { tag: '@A9' }, async () => {
  const received = () =>
    mail.received
      .filter(({ text }) => text?.includes(note))
      .map(({ to }) => [to].flat()[0]?.text)
      .toSorted();
  await expect.poll(received, { timeout: 60_000 }).toEqual([june.email, wanda.email]);
  const found = mail.received.find(({ text }) => text?.includes(note))!;
  expect(found.text).toContain('Reference');
  expect(found.text).toContain('Pat Kowalski');
});

async function folder(name: string): Promise<string> {
  return (await callOf(pat.page, 'workspace.createFolder', { projectId, name })).id as string;
}

/** Shares a file of Pat's. */
async function share(name: string, { email }: Colleague, terms: object) {
  const { entries } = await askOf(pat.page, 'workspace.list', { projectId });
  const entryIds = [entries.find((entry: { name: string }) => entry.name === name).id as string];
  await callOf(pat.page, 'shares.create', { projectId, entryIds, people: [email], ...terms });
}

async function openPeople(page: Page, name: string) {
  await page.getByRole('button', { name: `Details of ${name}`, exact: true }).click();
  await panelOf(page)
    .getByRole('tab', { name: /^People/ })
    .click();
}

async function personMenu(page: Page, person: string, action: string) {
  await panelOf(page)
    .getByRole('button', { name: `Actions for ${person}` })
    .click();
  await page.getByRole('menuitem', { name: action }).click();
}

async function expectItem(page: Page, name: string, action: string, reason: string) {
  await page.getByRole('button', { name: `Actions for ${name}`, exact: true }).click();
  const item = page.getByRole('menuitem', { name: action });
  await expect(item).toHaveAttribute('aria-disabled', 'true');
  await expect(item).toContainText(reason);
  await page.keyboard.press('Escape');
  await expect(item).toHaveCount(0);
}

/** Changes a stored time to simulate that time has passed. */
function inDatabase(statement: string, value: number) {
  const db = openDatabase(databasePath(ownHub.dataFolder));
  db.$client.prepare(statement).run(value);
  db.$client.close();
}

function dayIn(days: number): string {
  return new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
}

/** Formats the day as lists do. */
function dayWords(days: number): string {
  const day = new Date(Date.now() + days * dayMs);
  const isOtherYear = day.getFullYear() !== new Date().getFullYear();
  return day.toLocaleDateString('en-GB', {
    day: 'numeric',
    month: 'short',
    ...(isOtherYear && { year: 'numeric' }),
    timeZone: 'UTC',
  });
}
