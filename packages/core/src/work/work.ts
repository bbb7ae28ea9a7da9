/** My work: what a person has to do in a project now. Combines data of other folders and writes nothing. */
import type { SQL } from 'drizzle-orm';
import { roleGrants } from '@turnover/domain/people/permissions';
import {
  isToDo,
  maxWorkRows,
  sectionsOfRole,
  type WorkExtensionView,
  type WorkSectionName,
  type WorkSectionView,
  type WorkView,
} from '@turnover/domain/work/work';
import { roleIn, type Project } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { visibleRequests } from '../requests/list.ts';
import { expectedEnd } from '../requests/processing/view.ts';
import { expiresAtOf } from '../retention/ends.ts';
import { listAskedExtensions } from '../retention/extensions.ts';
import { countTransit, listTransit } from './arriving.ts';
import { countQuestions, listQuestions } from './questions.ts';
import { viewRows } from './request-rows.ts';
import { countIn, requestsIn, upcoming } from './sections.ts';

type Place = Pick<Project, 'id'>;

/** Throws `forbidden` for roles that see no requests. */
export async function listWork(ctx: PersonContext, project: Place): Promise<WorkView> {
  const visible = visibleRequests(ctx.db, ctx.person, project.id);
  const sections: WorkSectionView[] = [];
  for (const name of sectionsFor(ctx, project)) sections.push(await viewSection(ctx, project, name, visible));
  return { sections };
}

/** The number of things to do, for the sidebar. 0 for roles that see no requests. */
export function countWork(ctx: PersonContext, project: Place): number {
  const names = sectionsFor(ctx, project).filter(isToDo);
  if (names.length === 0) return 0;
  const visible = visibleRequests(ctx.db, ctx.person, project.id);
  return names.reduce((sum, name) => sum + countSection(ctx, project, name, visible), 0);
}

function sectionsFor({ db, person }: PersonContext, { id }: Place): readonly WorkSectionName[] {
  const role = roleIn(db, person, id);
  return role === null ? [] : sectionsOfRole[role];
}

async function viewSection(
  ctx: PersonContext,
  project: Place,
  name: WorkSectionName,
  visible: SQL | undefined,
): Promise<WorkSectionView> {
  if (name === 'transit') {
    return { name, total: countTransit(ctx, project.id), rows: listTransit(ctx, project.id), next: null };
  }
  if (name === 'unanswered') return viewUnanswered(ctx, project, visible);
  const { db, clock } = ctx;
  const now = clock();
  const requests = requestsIn(db, name, visible, now);
  const total = requests.length < maxWorkRows ? requests.length : countIn(db, name, visible, now);
  const rows = await viewRows(ctx, project.id, name, requests);
  const coming = total === 0 ? upcoming(db, name, visible) : undefined;
  const at = coming && (name === 'review' ? expectedEnd(db, coming, now) : coming.dueAt);
  return { name, total, rows, next: coming ? { request: coming, at: at ?? null } : null };
}

/** Questions first, then requests for more time. */
function viewUnanswered(ctx: PersonContext, project: Place, visible: SQL | undefined): WorkSectionView {
  const questions = listQuestions(ctx, visible);
  const rows = [...questions, ...viewExtensions(ctx, project)];
  return {
    name: 'unanswered',
    total: countSection(ctx, project, 'unanswered', visible),
    rows: rows.slice(0, maxWorkRows),
    next: null,
  };
}

function countSection(
  ctx: PersonContext,
  project: Place,
  name: WorkSectionName,
  visible: SQL | undefined,
): number {
  if (name === 'transit') return countTransit(ctx, project.id);
  if (name !== 'unanswered') return countIn(ctx.db, name, visible, ctx.clock());
  return countQuestions(ctx, visible) + extensionsFor(ctx, project).length;
}

function viewExtensions(ctx: PersonContext, project: Place): WorkExtensionView[] {
  return extensionsFor(ctx, project).map((extension) => ({
    kind: 'extension',
    extension,
    expiresAt: expiresAtOf(ctx.db, project.id, extension.person.id),
  }));
}

function extensionsFor(ctx: PersonContext, { id }: Place) {
  if (!roleGrants(roleIn(ctx.db, ctx.person, id), false, 'member:manage')) return [];
  return listAskedExtensions(ctx, id);
}
