/** Creates the people of a project through the API, each with their own page. */
import { expect, type Browser, type Page } from '@playwright/test';

export type Colleague = { name: string; email: string; password: string; page: Page };

const password = 'a long enough password';

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- callers read single fields of the answer
type Answer = any;

type Account = Pick<Colleague, 'name' | 'email' | 'password'>;
type Start = {
  browser: Browser;
  hub: { address: string };
  owner: Account;
  signIn: (page: Page, account: Account) => Promise<void>;
};

/** Calls a mutation (`noun.verb`) with the page's session. */
export async function callOf(page: Page, path: string, input: object): Promise<Answer> {
  return answerOf(page, path, { body: JSON.stringify(input) });
}

/** Calls a query (`noun.verb`) with the page's session. */
export async function askOf(page: Page, path: string, input: object = {}): Promise<Answer> {
  return answerOf(page, `${path}?input=${encodeURIComponent(JSON.stringify(input))}`, {});
}

async function answerOf(page: Page, path: string, init: { body?: string }): Promise<Answer> {
  const answer = await page.evaluate(
    async ({ path, body }) => {
      const headers = { 'content-type': 'application/json', 'x-turnover': 'test' };
      const method = body === undefined ? 'GET' : 'POST';
      return (await fetch(`/api/trpc/${path}`, { method, headers, body })).json();
    },
    { path, ...init },
  );
  if (answer.error) throw new Error(`${path}: ${answer.error.message}`);
  return answer.result.data;
}

/**
 * Creates a project and returns the page of its owner. The context is created here because axe requires one that the
 * test created itself.
 */
export async function ownProject(
  { browser, hub, owner, signIn }: Start,
  name: string,
): Promise<{ ownerPage: Page; projectId: string }> {
  const context = await browser.newContext({ baseURL: hub.address });
  const ownerPage = await context.newPage();
  await signIn(ownerPage, owner);
  const { id: projectId } = await callOf(ownerPage, 'projects.create', { name });
  return { ownerPage, projectId };
}

/** Adds people to the project. `inviter` must be signed in and allowed to invite people. */
export async function joinProject(
  browser: Browser,
  inviter: Page,
  projectId: string,
  name: string,
  email: string,
  role = 'partner',
  companyId: string | null = null,
): Promise<Colleague> {
  const invitation = { projectId, email, role, companyId };
  const { path } = await callOf(inviter, 'invitations.create', invitation);
  const context = await browser.newContext({ baseURL: new URL(inviter.url()).origin });
  const page = await context.newPage();
  await page.goto(path as string);
  await page.getByLabel('Name').fill(name);
  await page.getByLabel('Password', { exact: true }).fill(password);
  await page.getByRole('button', { name: 'Create account and join' }).click();
  await expect(page.getByRole('button', { name: `Account menu of ${name}` })).toBeVisible();
  return { name, email, password, page };
}

/** Uploads an empty file. It appears at once and is verified soon after. */
export async function uploadEmpty(
  page: Page,
  projectId: string,
  filename: string,
  folderId: string | null = null,
): Promise<void> {
  await callOf(page, 'uploads.begin', { projectId, folderId, filename, sizeBytes: 0 });
}

/** Uploads a file in one request, as programs do. `path` may contain folders that do not exist yet. */
export async function upload(
  page: Page,
  place: { projectId: string; folderId?: string; requestId?: string; replace?: boolean },
  path: string,
  content: string | Buffer = '',
): Promise<void> {
  const bytes = Buffer.from(content);
  const file = { filename: path.split('/').at(-1), relativePath: path, sizeBytes: bytes.length };
  const { uploadUrl } = await callOf(page, 'uploads.begin', { ...place, ...file });
  if (bytes.length === 0) return;
  await sendBytes(page, uploadUrl as string, bytes);
}

/** Sends the first bytes of an upload. */
export async function sendBytes(page: Page, uploadUrl: string, bytes: Buffer): Promise<void> {
  const status = await page.evaluate(
    async ({ url, base64 }) => {
      const body = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const tus = { 'tus-resumable': '1.0.0', 'upload-offset': '0' };
      const headers = { ...tus, 'content-type': 'application/offset+octet-stream', 'x-turnover': 'test' };
      return (await fetch(url, { method: 'PATCH', headers, body })).status;
    },
    { url: uploadUrl, base64: bytes.toString('base64') },
  );
  expect(status, uploadUrl).toBe(204);
}
