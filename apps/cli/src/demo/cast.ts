/** The people of the demonstration. An owner creates and invites them, and they join. */
import { createCompany } from '@turnover/core/people/companies';
import type { Context, Person, PersonContext } from '@turnover/core/context';
import { acceptInvitation, createInvitation } from '@turnover/core/projects/invitations';
import { createProject } from '@turnover/core/projects/projects';
import { createToken } from '@turnover/core/people/tokens';
import type { Role } from '@turnover/domain/people/projects';

export const password = 'northern-light';

type Part = { name: string; email: string; role: Role; company: string };

export const parts = {
  coordinator: {
    name: 'Cora Lindqvist',
    email: 'cora@example.com',
    role: 'coordinator',
    company: 'Northern Light Films',
  },
  mixer: { name: 'Pat Kowalski', email: 'pat@example.com', role: 'partner', company: 'Blue Door Sound' },
  subtitler: { name: 'Tomás Ortega', email: 'tomas@example.com', role: 'uploader', company: 'Palabra Media' },
  artist: { name: 'June Marchetti', email: 'june@example.com', role: 'partner', company: 'Harbour VFX' },
  reviewer: {
    name: 'Ines Albrecht',
    email: 'ines@example.com',
    role: 'reviewer',
    company: 'Northern Light Films',
  },
} as const satisfies Record<string, Part>;
export type PartName = keyof typeof parts;

export type Players = {
  projectId: string;
  companies: Map<string, string>;
  tokens: Record<PartName, string>;
};

export async function castPeople(ctx: Context, owner: Person): Promise<Players> {
  const asOwner: PersonContext = { ...ctx, person: owner };
  const project = createProject(asOwner, { name: 'Northern Light', subtitle: 'Season 2' });
  const companies = new Map<string, string>();
  for (const name of new Set(Object.values(parts).map(({ company }) => company))) {
    companies.set(name, createCompany(asOwner, { name }).id);
  }
  const tokens: Partial<Record<PartName, string>> = {};
  for (const [part, { name, email, role, company }] of Object.entries(parts)) {
    const companyId = companies.get(company) ?? null;
    const { path } = createInvitation(asOwner, { projectId: project.id, role, email, companyId });
    const secret = path.slice(path.lastIndexOf('/') + 1);
    const { person } = await acceptInvitation(ctx, secret, { name, email, password });
    tokens[part as PartName] = createToken({ ...ctx, person }, { name: 'Demonstration' }).token;
  }
  return { projectId: project.id, companies, tokens: tokens as Record<PartName, string> };
}
