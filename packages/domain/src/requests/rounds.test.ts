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

describe('comparing two rounds', () => {
  test('lists files that were added, removed, changed, renamed and sent again', () => {
    const changes = compareRounds([
      before('gone.wav', 'g'),
      after('new.wav', 'n'),
      before('mix.wav', 'old'),
      after('mix.wav', 'newer'),
      before('v07.wav', 'same'),
      after('v08.wav', 'same'),
      before('again.wav', 'a'),
      after('again.wav', 'a'),
    ]);
    expect(pathsOf(changes.added)).toEqual(['new.wav']);
    expect(pathsOf(changes.removed)).toEqual(['gone.wav']);
    expect(changes.changed.map(({ path, bySize }) => [path, bySize])).toEqual([['mix.wav', 2]]);
    expect(changes.renamed.map(({ path, before }) => [before.path, path])).toEqual([['v07.wav', 'v08.wav']]);
    expect(pathsOf(changes.resent)).toEqual(['again.wav']);
    expect(changes.counts).toEqual({ added: 1, removed: 1, changed: 1, renamed: 1, resent: 1 });
  });

  test('counts other bytes of the same size as a change', () => {
    expect(compareRounds([before('a.wav', 'abc'), after('a.wav', 'xyz')]).counts.changed).toBe(1);
  });

  test('matches files without checksums by their asset only', () => {
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

  test('counts another case of the same name as a new name', () => {
    const changes = compareRounds([before('Mix.WAV', 'x'), after('mix.wav', 'x')]);
    expect(changes.counts).toMatchObject({ renamed: 1, resent: 0 });
  });

  test('matches each of two files with the same bytes only once', () => {
    const changes = compareRounds([
      before('a.wav', 'x'),
      before('b.wav', 'x'),
      after('c.wav', 'x'),
      after('d.wav', 'x'),
      after('e.wav', 'x'),
    ]);
    expect(changes.counts).toMatchObject({ renamed: 2, added: 1, removed: 0 });
  });

  test('limits the lists, but not the counts', () => {
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

  test('is raised when the reason concerns a kind of media that did not change', () => {
    expect(doubtsAbout(['audio_spec', 'timed_text'], subtitlesOnly)).toEqual([
      { reason: 'audio_spec', doubt: 'kind_untouched' },
    ]);
    expect(doubtsAbout(['timed_text'], pictureOnly)).toEqual([
      { reason: 'timed_text', doubt: 'kind_untouched' },
    ]);
  });

  test('is not raised about audio when a picture file changed, because that contains sound', () => {
    expect(doubtsAbout(['audio_spec', 'picture_spec'], pictureOnly)).toEqual([]);
  });

  test('is not raised for reasons that concern the whole delivery, or for reasons that a hub added', () => {
    expect(doubtsAbout(['other', 'wrong_version', 'rsn_own'], subtitlesOnly)).toEqual([]);
  });

  test('is raised for every reason when nothing changed', () => {
    const resent = compareRounds([before('a.wav', 'x'), after('a.wav', 'x')]);
    expect(doubtsAbout(['other', 'audio_spec'], resent)).toEqual([
      { reason: 'other', doubt: 'nothing_changed' },
      { reason: 'audio_spec', doubt: 'nothing_changed' },
    ]);
    expect(doubtsAbout([], resent)).toEqual([]);
  });

  test('also considers files that are not listed', () => {
    const frames = Array.from({ length: maxCompared }, (_, index) =>
      after(`${index}.exr`, `${index}`, { kind: 'frame' }),
    );
    expect(doubtsAbout(['audio_spec'], compareRounds([...frames, after('z.wav', 'z')]))).toEqual([]);
  });
});
