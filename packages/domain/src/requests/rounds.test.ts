import { describe, expect, test } from 'vitest';
import { compareRounds, doubtsAbout, maxCompared, type RoundFile } from './rounds.ts';

function file(path: string, bytes: string, inFrom: boolean, facts: Partial<RoundFile> = {}): RoundFile {
  const id = `${inFrom ? 'old' : 'new'}:${path}`;
  return {
    id,
    path,
    inFrom,
    assetId: id,
    kind: 'audio',
    sizeBytes: bytes.length,
    checksums: `md5:${bytes} xxh128:${bytes}`,
    ...facts,
  };
}
const before = (path: string, bytes: string, facts?: Partial<RoundFile>) => file(path, bytes, true, facts);
const after = (path: string, bytes: string, facts?: Partial<RoundFile>) => file(path, bytes, false, facts);
const pathsOf = (files: readonly { path: string }[]) => files.map(({ path }) => path);

describe('two rounds', () => {
  test('tell what came, went, changed, was renamed and was sent again', () => {
    const changes = compareRounds([
      ...[before('gone.wav', 'g'), after('new.wav', 'n')],
      ...[before('mix.wav', 'old'), after('mix.wav', 'newer')],
      ...[before('v07.wav', 'same'), after('v08.wav', 'same')],
      ...[before('again.wav', 'a'), after('again.wav', 'a')],
    ]);
    expect(pathsOf(changes.added)).toEqual(['new.wav']);
    expect(pathsOf(changes.removed)).toEqual(['gone.wav']);
    expect(changes.changed.map(({ path, bySize }) => [path, bySize])).toEqual([['mix.wav', 2]]);
    expect(changes.renamed.map(({ path, before }) => [before.path, path])).toEqual([['v07.wav', 'v08.wav']]);
    expect(pathsOf(changes.resent)).toEqual(['again.wav']);
    expect(changes.counts).toEqual({ added: 1, removed: 1, changed: 1, renamed: 1, resent: 1 });
  });

  test('other bytes of the same size are a change', () => {
    expect(compareRounds([before('a.wav', 'abc'), after('a.wav', 'xyz')]).counts.changed).toBe(1);
  });

  test('bytes nobody has summed yet are only known by their asset', () => {
    const unknown = { checksums: null };
    const sure = { checksums: null, assetId: 'ast_1' };
    expect(compareRounds([before('a.wav', 'x', unknown), after('a.wav', 'x')]).counts.changed).toBe(1);
    expect(compareRounds([before('a.wav', 'x', sure), after('a.wav', 'x', sure)]).counts.resent).toBe(1);
    expect(compareRounds([before('a.wav', 'x', sure), after('b.wav', 'x', sure)]).counts.renamed).toBe(1);
    expect(compareRounds([before('a.wav', 'x', unknown), after('b.wav', 'x')]).counts).toMatchObject({
      added: 1,
      removed: 1,
    });
  });

  test('other letters of the same name are another name', () => {
    const changes = compareRounds([before('Mix.WAV', 'x'), after('mix.wav', 'x')]);
    expect(changes.counts).toMatchObject({ renamed: 1, resent: 0 });
  });

  test('of two files of the same bytes each is renamed once', () => {
    const changes = compareRounds([
      ...[before('a.wav', 'x'), before('b.wav', 'x')],
      ...[after('c.wav', 'x'), after('d.wav', 'x'), after('e.wav', 'x')],
    ]);
    expect(changes.counts).toMatchObject({ renamed: 2, added: 1, removed: 0 });
  });

  test('lists end somewhere, counts do not', () => {
    const many = Array.from({ length: maxCompared + 5 }, (_, index) => after(`${index}.wav`, `${index}`));
    const changes = compareRounds(many);
    expect(changes.added).toHaveLength(maxCompared);
    expect(changes.counts.added).toBe(maxCompared + 5);
  });
});

describe('a doubt', () => {
  const pictureOnly = compareRounds([
    before('cut.mov', 'a', { kind: 'picture' }),
    after('cut.mov', 'bb', { kind: 'picture' }),
  ]);
  const subtitlesOnly = compareRounds([after('en.srt', 's', { kind: 'timed_text' })]);

  test('is told where the reason is about what nobody touched', () => {
    expect(doubtsAbout(['audio_spec', 'timed_text'], subtitlesOnly)).toEqual([
      { reason: 'audio_spec', doubt: 'kind_untouched' },
    ]);
    expect(doubtsAbout(['timed_text'], pictureOnly)).toEqual([
      { reason: 'timed_text', doubt: 'kind_untouched' },
    ]);
  });

  test('is not told of a picture file: its sound may be what changed', () => {
    expect(doubtsAbout(['audio_spec', 'picture_spec'], pictureOnly)).toEqual([]);
  });

  test('is not told of reasons about the whole, nor of those of the hub', () => {
    expect(doubtsAbout(['other', 'wrong_version', 'rsn_own'], subtitlesOnly)).toEqual([]);
  });

  test('is told of every reason where nothing changed at all', () => {
    const resent = compareRounds([before('a.wav', 'x'), after('a.wav', 'x')]);
    expect(doubtsAbout(['other', 'audio_spec'], resent)).toEqual([
      { reason: 'other', doubt: 'nothing_changed' },
      { reason: 'audio_spec', doubt: 'nothing_changed' },
    ]);
    expect(doubtsAbout([], resent)).toEqual([]);
  });

  test('looks at what is not listed as well', () => {
    const frames = Array.from({ length: maxCompared }, (_, index) =>
      after(`${index}.exr`, `${index}`, { kind: 'frame' }),
    );
    expect(doubtsAbout(['audio_spec'], compareRounds([...frames, after('z.wav', 'z')]))).toEqual([]);
  });
});
