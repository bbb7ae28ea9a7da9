import { describe, expect, test } from 'vitest';
import type { MediaReport, PictureTrack, SoundTrack } from '../media/media-report.ts';
import { mediaProperties, type WantedMedia } from '../media/wanted-media.ts';
import { checkMedia } from './media-rules.ts';
import { starterTypes } from './starter-types.ts';

const picture: PictureTrack = {
  kind: 'picture',
  codec: 'ProRes',
  codecProfile: '422 HQ',
  width: 1920,
  height: 1080,
  frameRate: [24_000, 1001],
  scan: 'progressive',
  bitDepth: 10,
};
const sound: SoundTrack = { kind: 'sound', codec: 'PCM', channels: 2, sampleRate: 48_000, bitDepth: 24 };

function check(wanted: Partial<WantedMedia>, tracks: MediaReport['tracks'], more: Partial<MediaReport> = {}) {
  const report: MediaReport = { reader: 'test', container: 'QuickTime', tracks, details: {}, ...more };
  return checkMedia(report, mediaProperties.parse(wanted)).map(({ code, measured, wanted }) =>
    [code, measured, wanted].filter((part) => part !== undefined).join(' | '),
  );
}

test('languages of sound and subtitles, however the file writes them', () => {
  const spoken = (language: string) => [{ ...sound, language }];
  for (const [stated, wish] of [
    ['eng', 'en'],
    ['en-US', 'en'],
    ['ger', 'de-DE'],
    ['pt_BR', 'pt-br'],
    ['es-MX', 'es-419'],
    ['es-419', 'es-US'],
    ['spa', 'es-419'],
    ['es-ES', 'es-150'],
    ['nb', 'no'],
    ['nor', 'nn-NO'],
    ['cmn', 'zh'],
    ['iw', 'he'],
  ])
    expect(check({ languages: ['ja', wish!] }, spoken(stated!))).toEqual([]);
  expect(check({ languages: ['en', 'fr'] }, spoken('spa'))).toEqual([
    'sound_language_unwanted | spa | en, fr',
  ]);
  expect(check({ languages: ['en-GB'] }, [{ kind: 'text', language: 'en-US' }])).toEqual([
    'text_language_unwanted | en-US | en-GB',
  ]);
  for (const [stated, wish] of [
    ['es-ES', 'es-419'],
    ['es-419', 'es-ES'],
    ['pt-PT', 'pt-419'],
    ['nn', 'nb'],
    ['da', 'no'],
  ])
    expect(check({ languages: [wish!] }, spoken(stated!))).toEqual([
      `sound_language_unwanted | ${stated} | ${wish}`,
    ]);
  for (const stated of ['mul', 'zxx', 'mis', 'klingon', '<b>'])
    expect(check({ languages: ['en'] }, spoken(stated))).toEqual([`wish_not_compared | ${stated} | en`]);
  for (const track of [sound, { ...sound, language: 'und' }])
    expect(check({ languages: ['en'] }, [track])).toEqual(['wish_not_compared | en']);
  expect(check({ languages: ['Spanish'] }, spoken('es'))).toEqual(['wish_not_compared | es | Spanish']);
  expect(check({ languages: ['en'] }, [picture])).toEqual([]);
});

test('a type without wishes reports no problems', () => {
  expect(check({}, [picture, sound])).toEqual([]);
});

describe.each<[keyof WantedMedia, MediaReport['tracks'][number], string[], string[]]>([
  [
    'codecs',
    picture,
    ['ProRes 422 HQ', 'prores 422hq', 'ProRes', 'DNxHR, ProRes 422 HQ'.split(', ')[1]!],
    ['ProRes 422', 'ProRes 4444', 'DNxHR', 'H.264'],
  ],
  ['codecs', { ...picture, codec: 'AVC', codecProfile: 'High' }, ['H.264', 'h264', 'AVC High'], ['HEVC']],
  ['codecs', { ...picture, codec: 'VC-3', codecProfile: 'HQX' }, ['DNxHR', 'DNxHD'], ['ProRes']],
  ['codecs', sound, ['PCM', 'Linear PCM', 'WAV'], ['FLAC', 'AAC']],
  [
    'resolutions',
    picture,
    ['1920×1080', '1920x1080', '1920 X 1080', 'HD', 'Full HD', '1080p'],
    ['3840×2160', 'UHD', '4K', '1080×1920'],
  ],
  [
    'frameRates',
    picture,
    ['23.976', '23.98', '23,976', '23.976p', '23.976 fps', '23.976 NDF'],
    ['24', '25', '23.9', '47.952'],
  ],
  ['frameRates', { ...picture, frameRate: [25, 1], scan: 'interlaced' }, ['50i', '25'], ['25p', '50', '50p']],
  ['sampleRates', sound, ['48 kHz', '48k', '48000', '48000 Hz', '48'], ['96 kHz', '44.1 kHz', '48 Hz']],
  ['bitDepths', sound, ['24 bit', '24-bit', '24', '24 bits'], ['16 bit', '24 bit float']],
  ['bitDepths', { ...sound, bitDepth: 32, isFloat: true }, ['32 bit float', '32'], ['32 bit integer', '24']],
  [
    'channelLayouts',
    sound,
    ['stereo', 'Stereo', '2.0', '2ch', '2 channels', 'Lt/Rt'],
    ['mono', '5.1', '5.1 as six files'],
  ],
  [
    'channelLayouts',
    { ...sound, channels: 1 },
    ['5.1 as six files', 'mono', '5.1 as discrete files'],
    ['stereo'],
  ],
  ['channelLayouts', { ...sound, channels: 12 }, ['12 channels', '12 ch'], ['7.1']],
])('%s', (property, track, fitting, unfitting) => {
  test.each(fitting)(`${JSON.stringify(track)} fits %j`, (wish) => {
    expect(check({ [property]: [wish] }, [track])).toEqual([]);
  });
  test.each(unfitting)(`${JSON.stringify(track)} does not fit %j`, (wish) => {
    const problems = check({ [property]: [wish] }, [track]);
    expect(problems).toHaveLength(1);
    expect(problems[0]).toMatch(/_unwanted \|/);
  });
});

test('one fitting wish of several is enough, and a problem names them all', () => {
  expect(check({ sampleRates: ['44.1 kHz', '48 kHz'] }, [sound])).toEqual([]);
  expect(check({ sampleRates: ['44.1 kHz', '96 kHz'] }, [sound])).toEqual([
    'sample_rate_unwanted | 48 kHz | 44.1 kHz, 96 kHz',
  ]);
});

test.each(['as the director wishes', '×', '24 to 30', '🎬', 'HD or better'])(
  'a wish in words is a note for people: %j',
  (wish) => {
    for (const property of ['resolutions', 'frameRates', 'bitDepths'] as const) {
      expect(check({ [property]: [wish] }, [picture]).join()).toContain('wish_not_compared');
    }
  },
);

test('a wish that fits takes precedence over one in words', () => {
  expect(check({ resolutions: ['as shot', 'HD'] }, [picture])).toEqual([]);
});

test('a wish about a fact that inspection does not find is a note, not a pass', () => {
  const bare: PictureTrack = { kind: 'picture' };
  expect(check({ resolutions: ['HD'], codecs: ['ProRes'] }, [bare])).toEqual([
    'wish_not_compared | ProRes',
    'wish_not_compared | HD',
  ]);
});

test('the sound of a movie is compared with wishes for sound only', () => {
  const wanted = { codecs: ['ProRes 422 HQ'], bitDepths: ['10 bit'] };
  expect(check(wanted, [picture, { ...sound, codec: 'AAC' }])).toEqual([]);
  expect(check({ codecs: ['ProRes', 'PCM'] }, [picture, { ...sound, codec: 'AAC' }])).toEqual([
    'sound_codec_unwanted | AAC | PCM',
  ]);
});

test('drop frame is compared where the file states it', () => {
  const track: PictureTrack = { ...picture, frameRate: [30_000, 1001] };
  expect(check({ frameRates: ['29.97 DF'] }, [track], { dropFrame: true })).toEqual([]);
  expect(check({ frameRates: ['29.97 DF'] }, [track], { dropFrame: false })).toEqual([
    'frame_rate_unwanted | 29.97 | 29.97 DF',
  ]);
  expect(check({ frameRates: ['29.97 DF'] }, [track])).toEqual([]);
});

test('the starter types contain only wishes that can be compared', () => {
  for (const { rules } of starterTypes) {
    expect(check(rules.media, [picture, sound]).join()).not.toContain('wish_not_compared');
    expect(check(rules.media, [sound]).join()).not.toContain('wish_not_compared');
  }
});

test('the frame rate of subtitles is compared where they state one', () => {
  const wanted = { frameRates: ['23.976'] };
  expect(check(wanted, [{ kind: 'text', codec: 'TTML', frameRate: [24, 1] }])).toEqual([
    'text_frame_rate_unwanted | 24 | 23.976',
  ]);
  expect(check(wanted, [{ kind: 'text', codec: 'TTML', frameRate: [24_000, 1001] }])).toEqual([]);
  expect(check(wanted, [{ kind: 'text', codec: 'SubRip' }])).toEqual([]);
});
