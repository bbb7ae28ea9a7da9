import { expect, test } from 'vitest';
import { sharedChunks } from './page-chunks-plugin.ts';

const routes = '/hub/apps/web/src/routes/(app)/';
const project = `${routes}p/[project]/`;
const start = '/kit/src/runtime/client/entry.js';

/** Modules with what they import at once, and later. A number is the entry of a page. */
function chunksOf(graph: Record<string, { now?: string[]; later?: string[] }>) {
  const ids = new Set(
    Object.entries(graph).flatMap(([id, { now = [], later = [] }]) => [id, ...now, ...later]),
  );
  const modules = [...ids].map((id) => ({
    id,
    isEntry: id === start || /^\d+$/.test(id),
    importedIds: graph[id]?.now ?? [],
    dynamicallyImportedIds: graph[id]?.later ?? [],
  }));
  return Object.fromEntries([...sharedChunks(modules)].map(([id, { name }]) => [id, name]));
}

test('a file holds what the same busy pages share, and one more what only other pages share', () => {
  const pages = {
    1: { now: [`${project}workspace/[[folder]]/+page.svelte`] },
    2: { now: [`${project}deliveries/+page.svelte`] },
    3: { now: [`${project}types/+page.svelte`] },
    4: { now: [`${project}people/+page.svelte`] },
    [`${project}workspace/[[folder]]/+page.svelte`]: { now: ['table', 'folders', 'preview'] },
    [`${project}deliveries/+page.svelte`]: { now: ['table'] },
    [`${project}types/+page.svelte`]: { now: ['preview', 'form'] },
    [`${project}people/+page.svelte`]: { now: ['form', 'table'] },
    table: { now: ['rows'] },
  };
  expect(chunksOf(pages)).toEqual({
    table: 'workspace-deliveries',
    rows: 'workspace-deliveries',
    preview: 'workspace',
    form: 'others',
  });
});

test('what most busy pages share is one file', () => {
  const pages = {
    1: { now: [`${project}workspace/[[folder]]/+page.svelte`] },
    2: { now: [`${project}deliveries/+page.svelte`] },
    3: { now: [`${project}work/+page.svelte`] },
    4: { now: [`${project}deliveries/[request]/+page.svelte`] },
    [`${project}workspace/[[folder]]/+page.svelte`]: { now: ['table', 'button'] },
    [`${project}deliveries/+page.svelte`]: { now: ['table', 'button'] },
    [`${project}work/+page.svelte`]: { now: ['button'] },
    [`${project}deliveries/[request]/+page.svelte`]: { now: ['table', 'button'] },
  };
  expect(chunksOf(pages)).toEqual({ table: 'busy', button: 'busy' });
});

test('what a layout loads comes before what pages share', () => {
  const pages = {
    0: { now: ['/hub/apps/web/src/routes/+layout.svelte'] },
    1: { now: [`${routes}+layout.svelte`] },
    2: { now: [`${project}work/+page.svelte`] },
    '/hub/apps/web/src/routes/+layout.svelte': { now: ['toasts'] },
    [`${routes}+layout.svelte`]: { now: ['menu'] },
    [`${project}work/+page.svelte`]: { now: ['menu', 'toasts'] },
  };
  expect(chunksOf(pages)).toEqual({ toasts: 'start', menu: 'shell' });
});

test('what a dialog shares with its page comes with the page, and what only dialogs share stays with them', () => {
  const pages = {
    1: { now: [`${project}work/+page.svelte`] },
    [`${project}work/+page.svelte`]: { now: ['icon', 'row'], later: ['dialog', 'other dialog'] },
    dialog: { now: ['icon', 'field'] },
    'other dialog': { now: ['field'] },
  };
  expect(chunksOf(pages)).toEqual({ icon: 'work' });
});

test('the page of errors comes with its layout, because the framework loads both', () => {
  const pages = {
    0: { now: [`${routes}+layout.svelte`] },
    1: { now: [`${routes}+error.svelte`] },
    2: { now: [`${project}work/+page.svelte`] },
    [`${routes}+error.svelte`]: { now: ['words'] },
    [`${project}work/+page.svelte`]: { now: ['words'] },
  };
  expect(chunksOf(pages)).toEqual({ words: 'shell' });
});

test('a dialog does not load what only other pages share', () => {
  const pages = {
    1: { now: [`${project}types/+page.svelte`] },
    2: { now: [`${project}people/+page.svelte`] },
    [`${project}types/+page.svelte`]: { now: ['field', 'form'], later: ['dialog'] },
    [`${project}people/+page.svelte`]: { now: ['field', 'form', 'badge'], later: ['other dialog'] },
    dialog: { now: ['field'] },
    'other dialog': { now: ['badge'] },
  };
  const { field, form, badge } = chunksOf(pages);
  expect(new Set([field, form, badge]).size).toBe(3);
  expect(form).toBe('others');
});

test('the library of schemas has its own file, because few of the modules that import it keep using it', () => {
  const pages = {
    1: { now: [`${project}types/+page.svelte`] },
    2: { now: [`${project}work/+page.svelte`] },
    [`${project}types/+page.svelte`]: { now: ['domain'] },
    [`${project}work/+page.svelte`]: { now: ['domain'] },
    domain: { now: ['/node_modules/zod/v4/core/schemas.js'] },
  };
  expect(chunksOf(pages)).toEqual({ domain: 'work', '/node_modules/zod/v4/core/schemas.js': 'schemas' });
});

test('what the framework reads before anything else has its own file', () => {
  const graph = {
    0: { now: ['/hub/apps/web/src/routes/+layout.svelte'] },
    '/hub/apps/web/src/routes/+layout.svelte': { now: ['payload'] },
    [start]: { now: ['payload'], later: ['client'] },
  };
  expect(chunksOf(graph)).toEqual({ payload: 'framework' });
});
