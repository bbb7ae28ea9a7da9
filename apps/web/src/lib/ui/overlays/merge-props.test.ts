import { expect, test, vi } from 'vitest';
import { mergeProps } from './merge-props.ts';

test('calls both listeners of an event in order', () => {
  const calls: string[] = [];
  const { onfocus, onblur } = mergeProps(
    { onfocus: () => calls.push('outer'), onblur: () => calls.push('only') },
    { onfocus: () => calls.push('inner') },
  ) as Record<string, (event: unknown) => void>;
  onfocus!({});
  onblur!({});
  expect(calls).toEqual(['outer', 'inner', 'only']);
});

test('lets the inner value win, unless it is undefined', () => {
  const merged = mergeProps({ id: 'a', title: 'b' }, { id: undefined, title: 'c' });
  expect(merged).toEqual({ id: 'a', title: 'c' });
});

test('keeps attachments, which are symbols', () => {
  const [one, other] = [Symbol('one'), Symbol('other')];
  const attach = vi.fn();
  expect(mergeProps({ [one]: attach } as never, { [other]: attach } as never)).toEqual({
    [one]: attach,
    [other]: attach,
  });
});
