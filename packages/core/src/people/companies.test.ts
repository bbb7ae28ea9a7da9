/** Only owners and people who work with a company's people learn that the company exists. */
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { requestAssignees } from '@turnover/db/schema/requests';
import { createCompany, listCompanies, mergeCompanies, renameCompany } from './companies.ts';
import type { PersonContext } from '../context.ts';
import { acceptInvitation, createInvitation, revokeInvitation } from '../projects/invitations.ts';
import { createRequest } from '../requests/edit.ts';
import { createRequestInput } from '@turnover/domain/requests/requests';
import { testHub, type TestHub } from '../testing/hub.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

const names = (ctx: PersonContext) => listCompanies(ctx).map(({ name, people }) => `${name} ${people}`);
const code = (code: string) => expect.objectContaining({ code });

/** Two projects whose people do not share a project. */
function twoProjects() {
  const [north, south] = [hub.createProject('North'), hub.createProject('South')];
  const [blue, dark] = [hub.createCompany('Blue Door'), hub.createCompany('South Dark')];
  const cora = hub.as(hub.createPerson({ name: 'Cora', project: north, role: 'coordinator' }));
  const otto = hub.as(hub.createPerson({ name: 'Otto', project: south, role: 'coordinator' }));
  hub.createPerson({ name: 'Pat', project: north, companyId: blue.id });
  hub.createPerson({ name: 'Dora', project: south, companyId: dark.id });
  hub.createPerson({ name: 'Bea', project: south, companyId: blue.id });
  const owner = hub.as(hub.createPerson({ name: 'Olga', isOwner: true }));
  return { north, south, blue, dark, cora, otto, owner };
}

test('a coordinator sees the companies in their projects with the counts of those projects; an owner sees all', () => {
  const { cora, otto, owner } = twoProjects();
  hub.createCompany('Nobody There');
  expect(names(cora)).toEqual(['Blue Door 1']);
  expect(names(otto)).toEqual(['Blue Door 1', 'South Dark 1']);
  expect(names(owner)).toEqual(['Blue Door 2', 'Nobody There 0', 'South Dark 1']);
});

test('a new or invited company exists before anybody works in it, and its creator keeps seeing it', async () => {
  const { cora, otto, north, owner } = twoProjects();
  const made = createCompany(cora, { name: 'Harbour VFX' });
  expect(made).toMatchObject({ name: 'Harbour VFX', people: 0 });
  expect(names(cora)).toContain('Harbour VFX 0');
  expect(names(otto)).not.toContain('Harbour VFX 0');
  const second = hub.as(hub.createPerson({ project: north, role: 'coordinator' }));
  expect(names(second)).not.toContain('Harbour VFX 0');
  const input = { projectId: north.id, role: 'partner', email: 'ana@x.example', companyId: made.id } as const;
  const { path, id } = createInvitation(cora, input);
  expect(names(second)).toContain('Harbour VFX 0');
  await acceptInvitation(hub.ctx, path.split('/').at(-1)!, {
    name: 'Ana',
    password: 'a long enough password',
  });
  expect(names(second)).toContain('Harbour VFX 1');
  expect(() => revokeInvitation(cora, { projectId: north.id, invitationId: id })).toThrow(code('not_found'));
  expect(names(owner)).toContain('Harbour VFX 1');
});

test('nobody can be invited into a company that the inviter does not see', () => {
  const { cora, north, dark, owner } = twoProjects();
  const input = { projectId: north.id, role: 'partner', email: 'ana@x.example', companyId: dark.id } as const;
  expect(() => createInvitation(cora, input)).toThrow(code('not_found'));
  expect(() => createInvitation(cora, { ...input, companyId: hub.ctx.newId('company') })).toThrow(
    code('not_found'),
  );
  expect(createInvitation(owner, input)).toMatchObject({ company: 'South Dark' });
});

describe('a name', () => {
  test('is unique among the companies that the person sees, and reveals nothing about other companies', () => {
    const { cora, otto, owner, dark } = twoProjects();
    expect(() => createCompany(cora, { name: 'blue DOOR' })).toThrow(code('name_taken'));
    const twin = createCompany(cora, { name: 'south dark' });
    expect(twin).toMatchObject({ name: 'south dark', people: 0 });
    expect(twin.id).not.toBe(dark.id);
    expect(() => createCompany(cora, { name: 'South Dark' })).toThrow(code('name_taken'));
    expect(() => createCompany(otto, { name: 'South Dark' })).toThrow(code('name_taken'));
    expect(() => createCompany(owner, { name: 'South Dark' })).toThrow(code('name_taken'));
    // A person who is added to the new company does not become a colleague of people in the other company.
    expect(names(otto)).toEqual(['Blue Door 1', 'South Dark 1']);
    expect(names(owner)).toEqual(['Blue Door 2', 'South Dark 1', 'south dark 0']);
  });

  test('of two companies can be resolved by an owner, who renames one or merges them', () => {
    const { cora, owner, dark, north } = twoProjects();
    const twin = createCompany(cora, { name: 'South Dark' });
    const person = hub.createPerson({ project: north, companyId: twin.id });
    expect(() => renameCompany(owner, { companyId: twin.id, name: 'Blue Door' })).toThrow(code('name_taken'));
    expect(renameCompany(owner, { companyId: twin.id, name: 'South Dark Berlin' }).name).toBe(
      'South Dark Berlin',
    );
    const request = (companyId: string) =>
      createRequest(
        cora,
        createRequestInput.parse({ projectId: north.id, name: companyId, assignees: [{ companyId }] }),
      );
    hub.createPerson({ project: north, companyId: dark.id });
    const both = request(twin.id);
    hub.db.insert(requestAssignees).values({ id: 'asg_x', requestId: both.id, companyId: dark.id }).run();
    expect(mergeCompanies(owner, { companyId: twin.id, intoCompanyId: dark.id })).toMatchObject({
      name: 'South Dark',
      people: 3,
    });
    expect(hub.db.select().from(requestAssignees).all()).toMatchObject([{ companyId: dark.id }]);
    expect(names(owner)).toEqual(['Blue Door 2', 'South Dark 3']);
    expect(names(hub.as({ ...person, companyId: dark.id }))).toContain('South Dark 2');
    const gone = { companyId: twin.id, intoCompanyId: dark.id };
    expect(() => mergeCompanies(owner, gone)).toThrow(code('not_found'));
    expect(() => mergeCompanies(owner, { ...gone, companyId: dark.id })).toThrow(code('conflict'));
  });
});
