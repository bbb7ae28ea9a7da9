import { afterEach, beforeEach, expect, test } from 'vitest';
import { createCompany, listCompanies, renameCompany, requireInviter } from '../people/companies.ts';
import { createProject, getProject, listProjects, updateProject } from './projects.ts';
import { testHub, type TestHub } from '../testing/hub.ts';

let hub: TestHub;
beforeEach(async () => {
  hub = await testHub();
});
afterEach(() => hub.close());

test('an owner lists every project, a member only their own, each with the person’s role', () => {
  const owner = hub.createPerson({ isOwner: true });
  const sea = createProject(hub.as(owner), { name: 'Sea', subtitle: 'Season 2' });
  const desert = createProject(hub.as(owner), { name: 'Desert' });
  const ana = hub.createPerson({ project: sea, role: 'partner' });
  expect(listProjects(hub.as(owner))).toMatchObject([
    { name: 'Desert', subtitle: '', role: null },
    { name: 'Sea', subtitle: 'Season 2', role: null },
  ]);
  expect(listProjects(hub.as(ana))).toMatchObject([{ name: 'Sea', role: 'partner' }]);
  expect(() => getProject(hub.as(ana), desert)).toThrow(expect.objectContaining({ code: 'not_found' }));
  expect(updateProject(hub.as(owner), sea, { subtitle: 'Season 3' })).toMatchObject({
    name: 'Sea',
    subtitle: 'Season 3',
  });
});

test('company names are unique, and companies count their people', () => {
  const owner = hub.as(hub.createPerson({ isOwner: true }));
  const company = createCompany(owner, { name: 'North Light' });
  hub.createPerson({ companyId: company.id });
  expect(() => createCompany(owner, { name: 'NORTH light' })).toThrow(
    expect.objectContaining({ code: 'name_taken' }),
  );
  const other = createCompany(owner, { name: 'Atlas' });
  expect(renameCompany(owner, { companyId: company.id, name: 'NORTH LIGHT' }).name).toBe('NORTH LIGHT');
  expect(() => renameCompany(owner, { companyId: other.id, name: 'north light' })).toThrow(
    expect.objectContaining({ code: 'name_taken' }),
  );
  expect(() => renameCompany(owner, { companyId: hub.ctx.newId('company'), name: 'New' })).toThrow(
    expect.objectContaining({ code: 'not_found' }),
  );
  expect(listCompanies(owner)).toEqual([
    { id: other.id, name: 'Atlas', people: 0 },
    { id: company.id, name: 'NORTH LIGHT', people: 1 },
  ]);
});

test('only owners and coordinators invite people', () => {
  const project = hub.createProject();
  requireInviter(hub.as(hub.createPerson({ isOwner: true })));
  requireInviter(hub.as(hub.createPerson({ project, role: 'coordinator' })));
  expect(() => requireInviter(hub.as(hub.createPerson({ project, role: 'partner' })))).toThrow(
    expect.objectContaining({ code: 'forbidden' }),
  );
});
