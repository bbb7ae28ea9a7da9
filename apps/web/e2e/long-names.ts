/** Creates a hub whose lists contain the longest possible names of files, people, companies, projects and addresses. */
import { expect, type Browser, type Page } from '@playwright/test';
import type { Account } from './fixtures.ts';
import { askOf, callOf, joinProject, upload, uploadEmpty, type Colleague } from './people.ts';

export type LongNames = {
  projectId: string;
  requestId: string;
  partner: Colleague;
};

const dayMs = 24 * 3600_000;
const long = {
  project: 'The Northern Light Chronicles, season 2, international versions',
  company: 'Kinoproduktionsgesellschaft für Nachbearbeitung und Vertonung',
  person: 'Wilhelmina Featherstonehaugh-Cholmondeley de la Torre',
  email: 'featherstonehaugh-cholmondeley@nachbearbeitung-vertonung.example',
  invited: 'maximilian.von-und-zu-hohenlohe-langenburg@subtitling-department.palabra-media.example',
  request: 'Print master with music and effects, descriptive audio and all foreign versions, episode 204',
  folder: 'Mixes of the last week before the picture was locked, with stems and printmasters',
};
const files = [
  'NL_s02e04_v08_PM_Nearfield_2ch_48k_24b_with_the_last_corrections.L.wav',
  'NL_s02e04_locked_cut_v07 with spaces and a very long description of it (final) (2).mov',
  'NL_s02e04_Übersicht_der_Änderungen_für_die_Mischung_v08.pdf',
  'unbrokennamewithoutanyplacetowrapwhichgoesonandonandonandonandonandon.txt',
  'short.wav',
];

/**
 * Creates the hub's content. `page` becomes the owner's page; the owner is also a coordinator and so sees every list.
 */
export async function createLongNames(
  browser: Browser,
  page: Page,
  owner: Account,
  signIn: (page: Page, account: Account) => Promise<void>,
): Promise<LongNames> {
  await signIn(page, owner);
  const projectId = await idOf(callOf(page, 'projects.create', { name: long.project }));
  await callOf(page, 'projects.update', { projectId, launchAt: Date.now(), subtitle: 'Season 2' });
  // Companies and accounts belong to the hub, which tests of several files may share.
  const unique = projectId.slice(-10);
  const companyId = await idOf(callOf(page, 'companies.create', { name: `${long.company} ${unique}` }));
  const ownerId = await idOf(askOf(page, 'account.get'));
  await callOf(page, 'members.add', { projectId, userId: ownerId, role: 'coordinator' });
  const partner = await joinProject(browser, page, projectId, long.person, `${unique}.${long.email}`);
  const partnerId = await idOf(askOf(partner.page, 'account.get'));
  await callOf(page, 'users.update', { userId: partnerId, companyId });
  await callOf(page, 'invitations.create', { projectId, email: long.invited, role: 'workspace', companyId });
  await callOf(page, 'tokens.create', {
    name: `Watch folder of ${long.company}`.slice(0, 80),
    password: owner.password,
  });
  const requestId = await createRequests(page, projectId, partnerId, companyId);
  await fillWorkspaces(page, partner.page, projectId, owner.email);
  for (const name of files) await upload(partner.page, { projectId, requestId }, name, name);
  for (const frame of ['1001', '1002', '1004']) {
    await upload(
      partner.page,
      { projectId, requestId },
      `NL_s02e04_010/NL_s02e04_010_comp_v001.${frame}.exr`,
      frame,
    );
  }
  await sendBack(page, requestId);
  return { projectId, requestId, partner };
}

async function createRequests(page: Page, projectId: string, userId: string, companyId: string) {
  const requests = [
    { name: 'Key art', dueAt: null, assignees: [] },
    { name: long.request, dueAt: Date.now() - 12 * dayMs, assignees: [{ userId }, { companyId }] },
    { name: `${long.request} (2)`, dueAt: Date.now() + 2 * dayMs, assignees: [{ companyId }] },
  ];
  const ids = [];
  for (const each of requests) ids.push(await idOf(callOf(page, 'requests.create', { projectId, ...each })));
  return ids[1]!;
}

/** Submits the request and asks for redelivery, so that it has a past round with findings. */
async function sendBack(page: Page, requestId: string): Promise<void> {
  const request = async () => await askOf(page, 'requests.get', { requestId });
  await expect.poll(async () => (await request()).possible.submit, { timeout: 60_000 }).toBeNull();
  await callOf(page, 'requests.submit', { requestId });
  await expect.poll(async () => (await request()).status, { timeout: 60_000 }).toBe('processed');
  const { files: delivered } = await askOf(page, 'requestFiles.list', { requestId });
  await callOf(page, 'requests.askForRedelivery', {
    requestId,
    reasons: ['extraneous_content'],
    pins: [{ fileId: delivered[0].id, reason: 'extraneous_content', note: 'Should be lower.' }],
  });
}

/**
 * Gives the owner files, a trash and a share from the partner; the partner requests an extension and has an unfinished
 * upload.
 */
async function fillWorkspaces(page: Page, partner: Page, projectId: string, ownerEmail: string) {
  for (const name of files) await upload(page, { projectId }, name, name);
  for (const frame of ['1001', '1002', '1004']) {
    await uploadEmpty(page, projectId, `NL_s02e04_010_comp_with_a_long_name_of_a_shot.${frame}.exr`);
  }
  for (const name of [long.folder, 'Old']) {
    const entryId = await idOf(
      callOf(page, 'workspace.createFolder', { projectId, name: `Deleted ${name}` }),
    );
    await callOf(page, 'workspace.remove', { entryId });
  }
  const folderId = await idOf(callOf(partner, 'workspace.createFolder', { projectId, name: long.folder }));
  const share = { projectId, entryIds: [folderId], people: [ownerEmail], canShare: true, canUpdate: true };
  await callOf(partner, 'shares.create', { ...share, expiresOn: dayIn(30) });
  const reason = 'The mix is late because the picture changed once more, and the stems have to follow it.';
  await callOf(partner, 'retention.ask', { projectId, reason: `${reason} ${reason} ${reason}` });
  const unfinished = { projectId, folderId: null, filename: 'NL_s02e04_v09.mov', sizeBytes: 3 * 1024 ** 3 };
  await callOf(partner, 'uploads.begin', unfinished);
}

async function idOf(answer: Promise<{ id: string }>): Promise<string> {
  return (await answer).id;
}

function dayIn(days: number): string {
  return new Date(Date.now() + days * dayMs).toISOString().slice(0, 10);
}
