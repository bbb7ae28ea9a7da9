// A Workspace is private, and its owner shares files with several people.
import { expectAccessible } from './axe.ts';
import { expect, test } from './fixtures.ts';
import { callOf, joinProject, type Colleague } from './people.ts';
import { barOf, expectColour, rowOf, select, uploadByDialog } from './workspace-page.ts';

test.describe.configure({ mode: 'serial' });

let projectId: string;
let desk: Colleague;
let cora: Colleague;
let pat: Colleague;
let june: Colleague;
let sam: Colleague;
const note = 'Picture is locked. Please use these.';

test.beforeAll(async ({ browser, hub, owner, signIn }) => {
  const context = await browser.newContext({ baseURL: hub.address });
  desk = { ...owner, page: await context.newPage() };
  await signIn(desk.page, owner);
  projectId = (await callOf(desk.page, 'projects.create', { name: 'Northern Light' })).id as string;
  const elsewhere = (await callOf(desk.page, 'projects.create', { name: 'Other Show' })).id as string;
  const { id: companyId } = await callOf(desk.page, 'companies.create', { name: 'Sound House' });
  const join = (project: string, name: string, role: string, company: string | null = null) =>
    joinProject(
      browser,
      desk.page,
      project,
      name,
      `${name.split(' ')[0]}@share.example`.toLowerCase(),
      role,
      company,
    );
  cora = await join(projectId, 'Cora Lead', 'coordinator');
  pat = await join(projectId, 'Pat Kowalski', 'partner', companyId as string);
  june = await join(projectId, 'June Marchetti', 'partner');
  sam = await join(elsewhere, 'Sam Ortiz', 'partner', companyId as string);
  await (await join(elsewhere, 'Stan Stranger', 'partner')).page.context().close();
});
test.afterAll(async () => {
  for (const { page } of [desk, cora, pat, june, sam]) await page.context().close();
});

const mine = () => `/p/${projectId}/workspace`;
const shared = () => `${mine()}?shared`;

test(
  'a Workspace belongs only to its owner, and says that it is no delivery',
  { tag: ['@A1', '@A2', '@A3', '@A5', '@A6'] },
  async () => {
    const { page } = pat;
    await page.goto(mine());
    await expectColour(page, page.getByRole('button', { name: 'Upload', exact: true }).first(), '--accent');
    await uploadByDialog(page, { 'mix.wav': 'the mix', 'cut.mov': 'the cut', 'notes.txt': 'notes' });

    await test.step('neither a coordinator nor the owner of the hub sees it', async () => {
      const fileId = await rowOf(page, 'mix.wav').getAttribute('data-row');
      for (const [path, words] of [
        [mine(), 'Your Workspace is empty'],
        [shared(), 'Nobody shares anything with you yet'],
      ] as const) {
        await cora.page.goto(path);
        await expect(cora.page.getByText(words)).toBeVisible();
        await expect(cora.page.getByText('mix.wav')).toHaveCount(0);
      }
      for (const other of [cora, desk])
        expect((await other.page.request.get(`/files/${fileId}`)).status()).toBe(404);
    });

    await test.step('every part says that it is temporary, in a window of any height', async () => {
      for (const part of ['My Workspace', 'Shared with me', 'Trash']) {
        await page.getByRole('link', { name: part }).first().click();
        await expect(page.getByText(/^Temporary storage, not a delivery/)).toBeInViewport({ ratio: 1 });
      }
      await page.goto(mine());
    });

    await test.step('selected rows are blue, and a blue bar has the actions', async () => {
      await expect(barOf(page)).toBeHidden();
      await select(page, 'mix.wav', 'cut.mov');
      await expect(rowOf(page, 'mix.wav')).toHaveAttribute('aria-selected', 'true');
      await expectColour(page, rowOf(page, 'mix.wav'), '--bg-selected');
      await expectColour(page, barOf(page), '--accent');
      await expect(barOf(page)).toContainText('2 selected · 14 B');
      for (const name of ['Share', 'Submit', 'Download', 'Move to…', 'Delete'])
        await expect(barOf(page).getByRole('button', { name, exact: true })).toBeInViewport({ ratio: 1 });
    });
  },
);

test(
  'shares with several people, but only within the project and the own company',
  { tag: ['@A7', '@A18'] },
  async () => {
    const { page } = pat;
    await barOf(page).getByRole('button', { name: 'Share' }).click();
    const dialog = page.getByRole('dialog', { name: 'Share 2 files' });
    const field = dialog.getByRole('combobox');
    await field.fill('stan');
    await expect(page.getByRole('option')).toHaveCount(0);
    await field.fill('stan@share.example');
    await field.press('Enter');
    await expect(dialog).toContainText("You can't share with stan@share.example");
    await expectAccessible(page, 'sharing with somebody of elsewhere');
    await dialog.getByRole('button', { name: /stan@share\.example/ }).click();
    for (const person of ['June Marchetti', 'Sam Ortiz']) {
      await field.fill(person.split(' ')[0]!);
      await page.getByRole('option', { name: person }).click();
    }
    await expect(dialog.getByRole('list', { name: 'Share with' })).toContainText(/June Marchetti.*Sam Ortiz/);
    await expect(dialog).toContainText('Everyone you share with can download. This cannot be switched off.');
    await dialog.getByRole('switch', { name: 'Can share' }).check();
    await dialog.getByLabel('Note').fill(note);
    await dialog.getByRole('button', { name: 'Share', exact: true }).click();
    await expect(page.getByRole('region', { name: 'Notifications' }).last()).toContainText(
      'Shared with June Marchetti, Sam Ortiz',
    );

    for (const other of [june, sam]) {
      // Sam was not a member of the project before.
      await other.page.goto(shared());
      for (const name of ['mix.wav', 'cut.mov']) {
        await expect(rowOf(other.page, name)).toContainText('Pat Kowalski');
        await expect(rowOf(other.page, name)).toContainText('Can share');
      }
      await expect(rowOf(other.page, 'notes.txt')).toHaveCount(0);
    }
    await sam.page.goto(mine());
    await expect(sam.page.getByText('Nobody else sees them until you share them.')).toBeVisible();
  },
);
