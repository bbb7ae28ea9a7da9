// Every visible text is a message: components contain no text of their own.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse, type AST } from 'svelte/compiler';
import { expect, test } from 'vitest';

const spokenAttributes = new Set([
  'title',
  'aria-label',
  'aria-description',
  'placeholder',
  'alt',
  'label',
  'text',
]);
/** The product's name and the units, which are the same in every language. */
const sameEverywhere = /\b(Turnover|kB|MB|GB|TB|B)\b/g;

type Node = { type?: string; name?: string; data?: string; value?: unknown };

function literalTexts(source: string): string[] {
  const found: string[] = [];
  visit(parse(source, { modern: true }).fragment, found);
  return found;
}

function visit(node: unknown, found: string[]): void {
  if (Array.isArray(node)) return node.forEach((each) => visit(each, found));
  if (typeof node !== 'object' || node === null) return;
  const { type, name, data, value } = node as Node;
  if (type === 'Text' && data && hasWords(data)) found.push(data.trim());
  if (type === 'Attribute') {
    if (spokenAttributes.has(name ?? '') && Array.isArray(value)) visit(value, found);
    return;
  }
  // Expressions are code; snippets and blocks keep their markup in these fields.
  for (const field of [
    'nodes',
    'fragment',
    'attributes',
    'consequent',
    'alternate',
    'body',
    'fallback',
    'pending',
    'then',
    'catch',
  ]) {
    visit((node as Record<string, AST.BaseNode>)[field], found);
  }
}

function hasWords(text: string): boolean {
  return /\p{L}{2,}/u.test(text.replace(sameEverywhere, ''));
}

test('finds text, spoken attributes and the content of blocks', () => {
  const source = `<p title="Hello there">{m.x()} · 12 %</p>{#if a}<b>Word</b>{:else}{#each b as c}<i class="not this">More</i>{/each}{/if}
    {#snippet s()}<img alt="Picture" />{/snippet}<Thing label={m.y()} kind="not this">Inner</Thing>`;
  expect(literalTexts(source).sort()).toEqual(['Hello there', 'Inner', 'More', 'Picture', 'Word']);
});

test('no component contains text of its own', () => {
  const components = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' }).filter((file) =>
    file.endsWith('.svelte'),
  );
  const offences = components.flatMap((file) =>
    literalTexts(readFileSync(join(import.meta.dirname, file), 'utf8')).map((text) => `${file}: ${text}`),
  );
  expect(components.length).toBeGreaterThan(30);
  expect(offences).toEqual([]);
});
