import { describe, expect, test } from 'vitest';
import { checkChain, chainFolderOf, FileHistory, generationOf } from './history.ts';
import { atOnce, type EntryNote } from './manifest.ts';

const stated = (path: string, value: string, more: { previousPath?: string; notes?: EntryNote[] } = {}) => ({
  path,
  value,
  algorithms: ['md5'] as const,
  notes: [],
  ...more,
});

test.each([
  ['ascmhl/0001_Reel_2020-01-16_091500Z.mhl', { folder: '', number: 1 }],
  ['A/B/ASCMHL/00012_x.mhl', { folder: 'A/B/', number: 12 }],
  ['0001_Reel.mhl', null],
  ['xascmhl/0001_Reel.mhl', null],
  ['ascmhl/001_Reel.mhl', null],
  ['ascmhl/9999999999_Reel.mhl', null],
  ['ascmhl/x/0001_Reel.mhl', null],
])('%s is a generation: %j', (path, generation) => {
  expect(generationOf(path)).toEqual(generation);
});

test('a chain belongs to the folder around it', () => {
  expect(chainFolderOf('Reels/ascmhl/ascmhl_chain.xml')).toBe('Reels/');
  expect(chainFolderOf('ascmhl/ascmhl_chain.xml')).toBe('');
  expect(chainFolderOf('ascmhl_chain.xml')).toBeNull();
});

describe('the newest generation that states a value decides', () => {
  const historyOf = (...generations: ReturnType<typeof stated>[][]) => {
    const history = new FileHistory();
    for (const [at, entries] of generations.entries()) atOnce(history.add(at, entries));
    return (at: number, path: string, value = 'v') => history.meaningOf(at, stated(path, value));
  };

  test('an older entry is superseded, and one that nobody repeated is not', () => {
    const meaning = historyOf([stated('a', '1'), stated('b', '1')], [stated('a', '1')]);
    expect(meaning(0, 'a')).toEqual({ path: 'a', isSuperseded: true, isChanged: false });
    expect(meaning(1, 'a')).toEqual({ path: 'a', isSuperseded: false, isChanged: false });
    expect(meaning(0, 'b')).toEqual({ path: 'b', isSuperseded: false, isChanged: false });
  });

  test('another value means a change; two values within one generation do not', () => {
    const meaning = historyOf([stated('a', '1'), stated('b', '1'), stated('b', '2')], [stated('a', '2')]);
    expect(meaning(1, 'a').isChanged).toBe(true);
    expect(meaning(0, 'b').isChanged).toBe(false);
  });

  test('a failed check decides nothing', () => {
    const failed = stated('a', '2', { notes: ['failed_at_source'] });
    const history = new FileHistory();
    atOnce(history.add(0, [stated('a', '1')]));
    atOnce(history.add(1, [failed]));
    expect(history.meaningOf(0, stated('a', '1'))).toMatchObject({ isSuperseded: false, isChanged: false });
    expect(history.meaningOf(1, failed).isSuperseded).toBe(true);
  });

  test('another value beside a failed check leaves the older one valid', () => {
    const older = stated('a', 'H1');
    const found = { ...stated('a', 'new'), algorithms: ['xxh64'] as const };
    const history = new FileHistory();
    atOnce(history.add(0, [older]));
    atOnce(history.add(1, [found, stated('a', 'H2', { notes: ['failed_at_source'] })]));
    expect(history.meaningOf(0, older).isSuperseded).toBe(false);
    expect(history.meaningOf(1, found).isSuperseded).toBe(false);
    atOnce(history.add(2, [stated('a', 'H3')]));
    expect(history.meaningOf(0, older)).toMatchObject({ isSuperseded: true, isChanged: true });
    expect(history.meaningOf(1, found).isSuperseded).toBe(true);
  });

  test('follows a file through its names, also when two files swap theirs', () => {
    const meaning = historyOf(
      [stated('a', '1'), stated('x', '7'), stated('y', '8')],
      [
        stated('b', '1', { previousPath: 'a' }),
        stated('y', '7', { previousPath: 'x' }),
        stated('x', '8', { previousPath: 'y' }),
      ],
      [stated('c', '1', { previousPath: 'b' }), stated('a', '5')],
    );
    expect(meaning(0, 'a')).toEqual({ path: 'c', isSuperseded: true, isChanged: false });
    expect(meaning(1, 'b')).toEqual({ path: 'c', isSuperseded: true, isChanged: false });
    expect(meaning(2, 'a')).toEqual({ path: 'a', isSuperseded: false, isChanged: false });
    expect(meaning(0, 'x')).toEqual({ path: 'y', isSuperseded: true, isChanged: false });
    expect(meaning(0, 'y')).toEqual({ path: 'x', isSuperseded: true, isChanged: false });
  });
});

describe('a chain', () => {
  type Verdict = 'match' | 'differs' | 'missing' | 'pending' | 'uncheckable';
  const link = (number: string | null, verdict: Verdict = 'match') => ({
    path: `000${number}_x.mhl`,
    stated: number,
    fileId: verdict === 'missing' ? null : `f${number}`,
    verdict,
  });
  const list = (number: number) => ({ id: `f${number}`, path: `000${number}_x.mhl`, number });
  const check = (links: ReturnType<typeof link>[], ...numbers: number[]) => {
    const { state, faults } = checkChain(links, numbers.map(list));
    return [state, ...faults.map(({ fault, generation }) => `${fault} ${generation}`)];
  };

  test('is whole, or waits for a checksum', () => {
    expect(check([link('1'), link('2')], 1, 2)).toEqual(['whole']);
    expect(check([link('1'), link('2', 'pending')], 1, 2)).toEqual(['pending']);
    expect(check([])).toEqual(['whole']);
  });

  test('is not whole when a link states nothing to compare', () => {
    expect(check([link('1', 'uncheckable'), link('2')], 1, 2)).toEqual(['unchecked']);
    expect(check([link('1', 'uncheckable'), link('2', 'pending')], 1, 2)).toEqual(['pending']);
    expect(check([link('1', 'uncheckable'), link('2', 'differs')], 1, 2)).toEqual(['broken', 'differs 2']);
  });

  test('names what breaks it', () => {
    expect(check([link('1', 'differs'), link('2', 'missing')], 1)).toEqual([
      'broken',
      'differs 1',
      'missing 2',
    ]);
    expect(check([link('1')], 1, 2)).toEqual(['broken', 'unlisted 2']);
    expect(check([link('1'), link('3')], 1, 3)).toEqual(['broken', 'gap 2']);
    expect(check([link('2'), link('2')], 2)).toEqual(['broken', 'repeated 2', 'gap 1']);
    expect(check([link('many')], 1)).toEqual(['broken', 'unlisted 1']);
  });

  test('names the first faults only', () => {
    const { faults } = checkChain(
      Array.from({ length: 1000 }, (_, at) => link(String(at), 'missing')),
      [],
    );
    expect(faults).toHaveLength(20);
  });
});
