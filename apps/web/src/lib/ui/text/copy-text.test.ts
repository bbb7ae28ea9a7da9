import { afterEach, expect, test, vi } from 'vitest';
import { copyKeys, copyText } from './copy-text.ts';

type Copy = { clipboardData: { setData: (type: string, text: string) => void } | null };

const field = { focus: vi.fn(), select: vi.fn() };
const input = field as unknown as HTMLInputElement;

afterEach(() => vi.unstubAllGlobals());

/** Imitates a browser with the given abilities. */
function stub({
  clipboard,
  command,
}: {
  clipboard?: object;
  command: 'works' | 'refuses' | 'does nothing' | 'throws';
}) {
  const copied: string[] = [];
  const listeners = new Set<(event: Copy) => void>();
  vi.stubGlobal('navigator', { clipboard, userAgent: 'X11; Linux' });
  vi.stubGlobal('document', {
    addEventListener: (_type: string, listener: (event: Copy) => void) => listeners.add(listener),
    removeEventListener: (_type: string, listener: (event: Copy) => void) => listeners.delete(listener),
    execCommand: () => {
      if (command === 'throws') throw new Error('not allowed');
      const clipboardData = { setData: (_type: string, text: string) => copied.push(text) };
      const event = { clipboardData, preventDefault: vi.fn(), stopImmediatePropagation: vi.fn() };
      if (command === 'works') for (const listener of listeners) listener(event);
      return command !== 'refuses';
    },
  });
  return { copied, listeners };
}

test('uses the clipboard over https', async () => {
  const written: string[] = [];
  stub({ clipboard: { writeText: async (text: string) => written.push(text) }, command: 'refuses' });
  expect(await copyText('link', input)).toBe('copied');
  expect(written).toEqual(['link']);
});

test.each([
  ['where browsers have none', undefined],
  ['where it is not allowed', { writeText: () => Promise.reject(new Error('denied')) }],
])('uses the copy command %s', async (_name, clipboard) => {
  const { copied, listeners } = stub({ clipboard, command: 'works' });
  expect(await copyText('link', input)).toBe('copied');
  expect(copied).toEqual(['link']);
  expect(listeners.size).toBe(0);
});

test.each(['refuses', 'does nothing', 'throws'] as const)(
  'keeps the text selected when the copy command %s',
  async (command) => {
    const { listeners } = stub({ command });
    field.select.mockClear();
    expect(await copyText('link', input)).toBe('selected');
    expect(field.select).toHaveBeenCalledOnce();
    expect(listeners.size).toBe(0);
  },
);

test('names the keys of the operating system', () => {
  vi.stubGlobal('navigator', { userAgent: 'Macintosh; Intel Mac OS X 14' });
  expect(copyKeys()).toBe('⌘C');
  vi.stubGlobal('navigator', { userAgent: 'Windows NT 10.0' });
  expect(copyKeys()).toBe('Ctrl+C');
});
