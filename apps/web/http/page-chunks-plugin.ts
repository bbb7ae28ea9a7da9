// Divides the browser's code among files: what every page loads, what the pages of a signed-in person load, what the
// busy pages share with each other, and what only other pages share. A file for each set of pages would take a hundred
// requests, and a single file would send the code of all pages to each.
import type { Plugin } from 'vite';

/** Pages that people have open all day, by their folders below the project's. */
const busyPages = new Map([
  ['work', 'work'],
  ['workspace/[[folder]]', 'workspace'],
  ['deliveries', 'deliveries'],
  ['deliveries/[request]', 'details'],
]);

type Module = {
  id: string;
  isEntry: boolean;
  importedIds: readonly string[];
  dynamicallyImportedIds: readonly string[];
};
type Chunk = { name: string; priority: number };
const most = busyPages.size - 1;
const highest = busyPages.size + 5;

/** Nearly all modules of the domain import zod, but few pages parse with schemas, so the library stays separate. */
const isSchema = (id: string) => /[\\/]node_modules[\\/]zod[\\/]/.test(id);
const schemas: Chunk = { name: 'schemas', priority: highest };

export function pageChunksPlugin() {
  let chunks: ReadonlyMap<string, Chunk> = new Map();
  const plugin: Plugin = {
    name: 'turnover-page-chunks',
    apply: 'build',
    applyToEnvironment: ({ name }) => name === 'client',
    buildEnd() {
      chunks = sharedChunks([...this.getModuleIds()].map((id) => this.getModuleInfo(id)!));
    },
  };
  // A group includes what its modules import. What more pages load comes first, so files never import each other in
  // circles, and modules run in their own order without wrappers (`strictExecutionOrder`).
  const groups = Array.from({ length: highest + 1 }, (_, priority) => ({
    priority,
    debugName: `priority ${priority}`,
    test: (id: string) => chunks.get(id)?.priority === priority,
    name: (id: string) => chunks.get(id)?.name ?? null,
  }));
  return { plugin, groups };
}

/** Returns the files of the modules that do not belong to one page or dialog alone. */
export function sharedChunks(modules: readonly Module[]): ReadonlyMap<string, Chunk> {
  const graph = new Map(modules.map((module) => [module.id, module]));
  const users = new Map<string, Set<string>>();
  for (const { id, isEntry, importedIds, dynamicallyImportedIds } of modules) {
    if (isEntry) mark(id, userOf([id, ...importedIds]));
    for (const later of dynamicallyImportedIds) if (!graph.get(later)?.isEntry) mark(later, 'later');
  }
  const sets: string[] = [];
  const shared = [...users].filter(([, of]) => of.size > 1);
  return new Map(shared.map(([id, of]) => [id, isSchema(id) ? schemas : chunkOf(of, sets)]));

  function mark(id: string, user: string): void {
    const known = users.get(id) ?? new Set();
    if (known.has(user)) return;
    users.set(id, known.add(user));
    for (const imported of graph.get(id)?.importedIds ?? []) mark(imported, user);
  }
}

/** What an entry is for: a page, a layout, the app, or what starts the framework. */
function userOf([entry, ...imported]: readonly string[]): string {
  if (entry!.includes('/kit/src/runtime/client/')) return 'framework';
  const route = imported.map((id) => /\/src\/routes\/(.*?)\/?\+(page|layout|error)\b/.exec(id)).find(Boolean);
  const [, folder = '', file = 'layout'] = route ?? [];
  // The framework loads the pages of errors with each page.
  if (file !== 'page') return folder.startsWith('(app)') ? 'shell' : folder || 'start';
  return busyPages.get(folder.replace('(app)/p/[project]/', '')) ?? folder;
}

function chunkOf(users: ReadonlySet<string>, sets: string[]): Chunk {
  // The framework reads its own while the rest loads.
  if (users.has('framework')) return { name: 'framework', priority: highest - 1 };
  if (users.has('start')) return { name: 'start', priority: highest - 2 };
  if (users.has('shell')) return { name: 'shell', priority: highest - 3 };
  const busy = [...busyPages.values()].filter((page) => users.has(page));
  // What most of them use is one file: a file for each set of pages would cost more headers than it saves.
  if (busy.length >= most) return { name: 'busy', priority: busyPages.size + 1 };
  if (busy.length > 0) return { name: busy.join('-'), priority: busy.length + 1 };
  if (!users.has('later')) return { name: 'others', priority: 0 };
  // A dialog must not load what it does not need, so each set of its users has a file.
  const set = [...users].sort().join();
  if (!sets.includes(set)) sets.push(set);
  return { name: `later-${sets.indexOf(set)}`, priority: 1 };
}
