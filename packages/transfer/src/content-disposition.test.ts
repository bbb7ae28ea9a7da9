import { describe, expect, test } from 'vitest';
import { contentDisposition } from './content-disposition.ts';

// An independent reader written from RFC 6266 and RFC 8187; it reads the header as a browser would.
function readName(header: string): string {
  const extended = /; filename\*=UTF-8''([!#$&+\-.^_`|~A-Za-z0-9%]+)$/.exec(header);
  if (extended) return decodeURIComponent(extended[1]!);
  return /^attachment; filename="([^"\\]*)"$/.exec(header)![1]!;
}

const names = [
  'reel.mov',
  'A001_C002 (final).mov',
  "it's *great*.wav",
  'semi;colon, comma=equals.txt',
  '100% done.pdf',
  'quo"te.mov',
  'back\\slash.mov',
  '東京物語_リール1.mxf',
  '한국어.srt',
  'été à Zürich.mov',
  'e\u0301te\u0301.mov',
  '🎬🏳️‍🌈.mp4',
  'مرحبا.srt',
  '\u202etxt.exe',
  'x'.repeat(255),
  '界'.repeat(85),
];

describe('contentDisposition', () => {
  test.each(names)('carries %j byte for byte', (name) => {
    expect(readName(contentDisposition(name))).toBe(name);
  });

  test('offers a readable name to programs that only support ASCII', () => {
    expect(contentDisposition('été.mov')).toBe(
      `attachment; filename="ete.mov"; filename*=UTF-8''%C3%A9t%C3%A9.mov`,
    );
    expect(contentDisposition('東京.mov')).toContain('filename="download.mov"');
    expect(contentDisposition('🎬')).toContain('filename="download"');
  });

  test('lets no name end the header or start another', () => {
    for (let code = 0; code < 0x300; code++) {
      const header = contentDisposition(`a${String.fromCharCode(code)}b\r\nSet-Cookie: x=1`);
      expect(header).toMatch(/^[\x20-\x7e]+$/);
      expect(header.match(/"/g)).toHaveLength(2);
    }
  });

  test('accepts half a surrogate pair', () => {
    expect(readName(contentDisposition('a\ud800b'))).toBe('a\ufffdb');
  });
});
