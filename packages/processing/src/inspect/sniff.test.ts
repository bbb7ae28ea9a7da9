import { expect, test } from 'vitest';
import { agreementOf, formats, promisedFormats } from './formats.ts';
import { sniff } from './sniff.ts';
import { big, text, zeros } from './testing/bytes.ts';
import { dpx, exr } from './testing/frames.ts';
import { aiff, quickTime } from './testing/movies.ts';
import { fmt, oneSecond, riff } from './testing/waves.ts';

const partition = Buffer.from('060e2b34020501010d01020101020400', 'hex');

test('recognises formats by their content', () => {
  const samples: [keyof typeof formats, Buffer][] = [
    ['quicktime', quickTime()],
    ['quicktime', Buffer.concat([big(4, 1000), text('moov'), zeros(20)])],
    ['mp4', Buffer.concat([big(4, 24), text('ftypisom'), zeros(12)])],
    ['m4a', Buffer.concat([big(4, 24), text('ftypM4A '), zeros(12)])],
    ['avif', Buffer.concat([big(4, 24), text('ftypavif'), zeros(12)])],
    ['mxf', Buffer.concat([partition, zeros(100)])],
    ['mxf', Buffer.concat([Buffer.alloc(60_000, 1), partition, zeros(100)])],
    ['wave', riff([fmt(), oneSecond])],
    ['aiff', aiff(2, 10)],
    ['dpx', dpx()],
    ['exr', exr()],
    [
      'transport_stream',
      Buffer.concat(Array.from({ length: 5 }, () => Buffer.concat([Buffer.from([0x47, 0]), zeros(186)]))),
    ],
    ['mpeg_audio', Buffer.from([0xff, 0xfb, 0x90, 0, 0, 3, 7, 1, 200, 9])],
    ['aac', Buffer.from([0xff, 0xf1, 0x50, 0x80, 0])],
    ['web_vtt', Buffer.from('\ufeffWEBVTT\n\n')],
    ['subrip', text('1\r\n00:00:01,000 --> 00:00:02,000\r\nHi\r\n')],
    ['ttml', text('<?xml version="1.0"?>\n<!-- <svg> --><tt:tt xmlns:tt="x">')],
    ['imf', text('<CompositionPlaylist xmlns="x">')],
    ['dolby_vision', text('<DolbyLabsMDF version="2.0.5">')],
    ['svg', text('<!DOCTYPE svg><svg/>')],
    ['xml', text('<fcpxml version="1.9">')],
    ['pdf', text('%PDF-1.7\n')],
    ['text', text('ffconcat version 1.0\nfile /etc/passwd\n')],
    ['text', text('GOOD MORNING '.repeat(100))],
    ['text', Buffer.from('TITLE: Año nuevo', 'utf16le')],
  ];
  for (const [format, sample] of samples) expect(sniff(sample).format, formats[format].name).toBe(format);
});

test('names content of unknown formats', () => {
  expect(sniff(zeros(5000))).toEqual({ format: null, found: 'only zeros' });
  expect(sniff(Buffer.from([7, 1, 0, 200, 3, 9]))).toEqual({ format: null, found: 'unknown data' });
});

test('compares content with what the extension promises', () => {
  const agreement = (found: keyof typeof formats | null, name: string) =>
    agreementOf(found, promisedFormats(name)!);
  expect(agreement('quicktime', 'a.MOV')).toBe('agrees');
  expect(agreement('mp4', 'a.mov')).toBe('same_family');
  expect(agreement('png', 'a.jpg')).toBe('same_family');
  expect(agreement('text', 'a.mov')).toBe('differs');
  expect(agreement('wave', 'a.mov')).toBe('differs');
  expect(agreement(null, 'a.wav')).toBe('differs');
  expect(agreement('zip', 'a.csv')).toBe('differs');
  expect(agreement('pdf', 'a.docx')).toBe('differs');
  expect(agreement('zip', 'a.docx')).toBe('agrees');
  expect(agreement('imf', 'CPL.xml')).toBe('agrees');
  expect(agreement('xml', 'list.mhl')).toBe('agrees');
  expect(agreement('text', 'a.srt')).toBe('agrees');
  expect(agreement('text', 'a.vtt')).toBe('differs');
  expect(agreement('web_vtt', 'a.srt')).toBe('same_family');
  expect(agreement('tiff', 'a.dng')).toBe('agrees');
  expect(promisedFormats('a.tga')).toBeUndefined();
  expect(promisedFormats('constructor')).toBeUndefined();
  expect(promisedFormats('a.constructor')).toBeUndefined();
});
