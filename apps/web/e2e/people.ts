/** Creates the people of a project through the API, each with their own page. */
import { expect, type APIResponse, type Browser, type Page } from '@playwright/test';

export type Colleague = { name: string; email: string; password: string; page: Page };

const password = 'a long enough password';
/** The headers of a call by a page of the hub. */
const headers = { 'x-turnover': 'test', 'sec-fetch-site': 'same-origin' };

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- callers read single fields of the answer
type Answer = any;

type Account = Pick<Colleague, 'name' | 'email' | 'password'>;
type Start = {
  browser: Browser;
  hub: { address: string };
  owner: Account;
  signIn: (page: Page, account: Account) => Promise<void>;
};

/** Sends a form as its page does, without opening the page. The form must be accepted. */
export async function sendForm(page: Page, path: string, form: Record<string, string>): Promise<void> {
  const answer = await page.request.post(path, { form, headers: { origin: await originOf(page) } });
  expect(await answer.json()).toMatchObject({ type: 'redirect' });
}

/** The address of the hub of the page, which may be blank. */
export async function originOf(page: Page): Promise<string> {
  return new URL((await page.request.head('/healthz')).url()).origin;
}

/** Calls a mutation (`noun.verb`) with the page's session. */
export async function callOf(page: Page, path: string, input: object): Promise<Answer> {
  return answerOf(path, await page.request.post(`/api/trpc/${path}`, { headers, data: input }));
}

/** Calls a query (`noun.verb`) with the page's session. */
export async function askOf(page: Page, path: string, input: object = {}): Promise<Answer> {
  const params = { input: JSON.stringify(input) };
  return answerOf(path, await page.request.get(`/api/trpc/${path}`, { headers, params }));
}

async function answerOf(path: string, response: APIResponse): Promise<Answer> {
  const answer = await response.json();
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
  const context = await browser.newContext({ baseURL: await originOf(inviter) });
  const page = await context.newPage();
  await sendForm(page, `${path}?/create`, { name, email, password });
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
  const tus = { 'tus-resumable': '1.0.0', 'upload-offset': '0' };
  const type = { 'content-type': 'application/offset+octet-stream' };
  const answer = await page.request.patch(uploadUrl, {
    data: bytes,
    headers: { ...headers, ...tus, ...type },
  });
  expect(answer.status(), uploadUrl).toBe(204);
}
