import { expect, test } from 'vitest';
import * as messages from '@turnover/messages/messages';
import { splitMessagesPlugin } from './split-messages-plugin.ts';

type Hooks = {
  buildStart(): void;
  resolveId(id: string): { id: string } | undefined;
  load(id: string): string | { code: string } | undefined;
};
const plugin = splitMessagesPlugin() as unknown as Hooks;
plugin.buildStart();
const barrel = import.meta.resolve('@turnover/messages/messages').slice('file://'.length);

function idOf(name: string): string {
  const { code } = plugin.load(barrel) as { code: string };
  const [, id] = new RegExp(`default as ${name} } from (".*");`).exec(code)!;
  return JSON.parse(id!) as string;
}

test('every message has a module of its own', () => {
  const { code } = plugin.load(barrel) as { code: string };
  for (const name of Object.keys(messages)) expect(code).toContain(`export { default as ${name} } from `);
});

test('the module has the text in both languages and resolves by itself', () => {
  const id = idOf('action_cancel');
  expect(plugin.resolveId(id)?.id).toBe(id);
  const code = String(plugin.load(id));
  expect(code).toContain('`Cancel`');
  expect(code).toContain('`Cancelar`');
});

test('other modules are left to others', () => {
  expect(plugin.resolveId('zod')).toBeUndefined();
  expect(plugin.load('/src/other.ts')).toBeUndefined();
});
