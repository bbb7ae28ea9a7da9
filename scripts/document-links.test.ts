/** Checks the documents: relative links, the headings they point to, and the source paths they name. */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';

const root = join(import.meta.dirname, '..');
const documents = globSync(['*.md', 'docs/**/*.md'], { cwd: root, exclude: ['**/node_modules/**'] });
const read = (document: string) => readFileSync(join(root, document), 'utf8');
/** Returns the text without code blocks. */
const proseOf = (text: string) => text.replaceAll(/^```.*?^```/gms, '');

describe.each(documents)('%s', (document) => {
  const prose = proseOf(read(document));

  test('contains only links to files and headings that exist', () => {
    const links = [...prose.matchAll(/\]\((?!\w+:)([^)\s]*)\)/g)].map(([, target]) => target!);
    expect(links.filter((link) => !leadsSomewhere(document, link))).toEqual([]);
  });

  test('names only source paths that exist', () => {
    const paths = [...prose.matchAll(/`([\w@.-]+\/[^`\s:]+)`/g)].map(([, path]) => path!);
    expect(paths.filter((path) => isSource(path) && !exists(path))).toEqual([]);
  });
});

function leadsSomewhere(document: string, link: string): boolean {
  const [path = '', heading] = link.split('#');
  const target = path === '' ? document : join(dirname(document), path);
  if (!existsSync(join(root, target))) return false;
  return heading === undefined || headingsOf(proseOf(read(target))).includes(heading);
}

/** Returns the anchors that GitHub derives from headings. */
function headingsOf(prose: string): string[] {
  return [...prose.matchAll(/^#+ (.+)$/gm)].map(([, heading]) =>
    heading!
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
      .replaceAll(' ', '-'),
  );
}

const rooms = globSync('{packages,apps}/*', { cwd: root });

/** Returns the possible places of a path: `domain/src/ids.ts` is short for `packages/domain/src/ids.ts`. */
function placesOf(path: string): string[] {
  return [
    path,
    ...rooms
      .filter((room) => path.startsWith(`${room.split('/')[1]}/`))
      .map((room) => join(dirname(room), path)),
  ];
}

function isSource(path: string): boolean {
  return (
    /^(packages|apps|scripts|docs|bench)\//.test(path) ||
    /^[a-z]+\/(src|migrations|messages|http|e2e|crash)\//.test(path)
  );
}

/** Returns true when the path exists. For `routers/<noun>.ts` and `schema/*.ts`, checks the folder. */
function exists(path: string): boolean {
  const fixed = path.split('/').slice(0, firstVariable(path)).join('/');
  return placesOf(fixed).some((place) => existsSync(join(root, place)));
}

function firstVariable(path: string): number | undefined {
  const index = path.split('/').findIndex((part) => /[<*…]/.test(part));
  return index < 0 ? undefined : index;
}
