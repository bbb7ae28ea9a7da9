import { expect, test } from 'vitest';
import { iconsPlugin, markupOf } from './icons-plugin.ts';

function load(name: string): string {
  const { resolveId, load } = iconsPlugin() as unknown as {
    resolveId: (id: string) => string | undefined;
    load: (id: string) => { code: string } | undefined;
  };
  return load(resolveId(`@lucide/svelte/icons/${name}`)!)!.code;
}

test('an icon is its drawing', () => {
  expect(load('x')).toBe('export default "<path d=\\"M18 6 6 18\\"/><path d=\\"m6 6 12 12\\"/>";');
});

test('another name of an icon gives the same drawing', () => {
  expect(load('trash-2')).toBe(load('trash'));
});

test('refuses a component that it cannot read', () => {
  expect(() => markupOf('<svg></svg>')).toThrow();
});
