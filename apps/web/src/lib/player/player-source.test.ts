import { expect, test } from 'vitest';
import type { PreviewKind } from '@turnover/domain/media/previews';
import { sourcesOf } from './player-source.ts';

const file = (name: string, previews: PreviewKind[] = [], mayDownload = true) => ({
  id: 'dlf_1',
  name,
  previews,
  mayShowOriginal: mayDownload,
});
const hrefs = (...args: Parameters<typeof sourcesOf>) =>
  sourcesOf(...args).map(({ href }) => href.split('=')[1]);

test.each([
  [
    'the original that browsers play, then its proxy',
    file('film.mp4', ['proxy', 'poster']),
    ['original', 'proxy'],
  ],
  ['the proxy of what they do not play', file('film.mov', ['proxy', 'poster']), ['proxy']],
  ['the poster where nothing plays', file('still.exr', ['poster', 'thumbnail']), ['poster']],
  ['an image as it is', file('still.png', ['poster']), ['original']],
  ['only previews to whoever may not download', file('mix.wav', ['sound', 'peaks'], false), ['sound']],
  ['nothing of other files', file('notes.txt'), []],
])('shows %s', (_, shown, expected) => {
  expect(hrefs(shown, null)).toEqual(expected);
});

test('does not offer an original with a codec that browsers lack', () => {
  const report = {
    reader: 'test',
    container: 'MPEG-4',
    tracks: [{ kind: 'picture' as const, codec: 'HEVC' }],
    details: {},
  };
  expect(hrefs(file('film.mp4', ['proxy']), report)).toEqual(['proxy']);
});
