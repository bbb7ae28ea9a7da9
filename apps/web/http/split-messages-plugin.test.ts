import { expect, test } from 'vitest';
import * as messages from '@turnover/messages/messages';
import { splitMessagesPlugin } from './split-messages-plugin.ts';

type Hooks = {
  buildStart(): void;
  transform(code: string): { code: string } | undefined;
  resolveId(id: string): { id: string } | undefined;
  load(id: string): string | { code: string } | undefined;
};
const plugin = splitMessagesPlugin() as unknown as Hooks;
plugin.buildStart();
const [barrel, loader] = ['messages', 'load-texts'].map((name) =>
  import.meta.resolve(`@turnover/messages/${name}`).slice('file://'.length),
) as [string, string];

function idOf(name: string): string {
  const { code } = plugin.load(barrel) as { code: string };
  const [, id] = new RegExp(`default as ${name} } from (".*");`).exec(code)!;
  return JSON.parse(id!) as string;
}

test('every message has its own module', () => {
  const { code } = plugin.load(barrel) as { code: string };
  for (const name of Object.keys(messages)) expect(code).toContain(`export { default as ${name} } from `);
});

test('a module contains the English text', () => {
  const id = idOf('action_cancel');
  expect(plugin.resolveId(id)?.id).toBe(id);
  expect(plugin.load(id)).toContain('`Cancel`');
});

test('the Spanish texts are one module, which only Spanish pages load', () => {
  const [, id] = /import\((".*")\)/.exec(String(plugin.load(loader)))!;
  const texts = String(plugin.load(JSON.parse(id!) as string));
  expect(texts).toContain('`Cancelar`');
});

test('the number of an English text finds the same text in Spanish', () => {
  const [, id] = /import\((".*")\)/.exec(String(plugin.load(loader)))!;
  const texts = String(plugin.load(JSON.parse(id!) as string)).split('export const texts = ')[1]!;
  const table = new Function('registry', `return ${texts}`)({}) as (() => string)[];
  const [, number] = /textOf\((\d+), /.exec(String(plugin.load(idOf('action_close'))))!;
  expect(table[Number(number)]!()).toBe('Cerrar');
  expect(table).toHaveLength(Object.keys(messages).length);
});

test.each(['@turnover/messages/messages', './messages.ts'])(
  'imports from %s only what is named',
  (source) => {
    const { code } = plugin.transform(
      `import * as m from '${source}';\nexport const word = m.action_cancel();`,
    )!;
    expect(code).toContain(`'turnover-messages:action_cancel'`);
  },
);

test('leaves other modules alone', () => {
  expect(plugin.resolveId('zod')).toBeUndefined();
  expect(plugin.load('/src/other.ts')).toBeUndefined();
});

test('a module imports only the texts that it names', () => {
  const code = `import * as m from '@turnover/messages/messages';\nm.action_cancel(m.action_close() + am.action_edit());`;
  const [, source] = / from '(.*)';/.exec(plugin.transform(code)!.code)!;
  const texts = String(plugin.load(plugin.resolveId(source!)!.id));
  expect(texts.match(/default as \w+/g)).toEqual(['default as action_cancel', 'default as action_close']);
  expect(plugin.transform('m.action_cancel()')).toBeUndefined();
});
