import { describe, expect, test } from 'vitest';
import {
  maxPathDepth,
  nameKey,
  nameProblem,
  parseRelativePath,
  textSchema,
  type NameProblem,
} from './names.ts';

describe('a name', () => {
  test.each([
    'AGM_104_065_010_comp_NFX_v001.1001.exr',
    'project_s01e01_v04_PM_Nearfield_2ch_48k_24b_23976.L.wav',
    'LH_BodyAndSoul_MASTER_48k_24b_6ch_L_v04.wav',
    'Ls', // a channel, not a device
    'checksum.txt',
    '.DS_Store',
    'Reel 1',
    'cut (2).mov',
    'console.log',
    'com10.wav',
    'nul_track.wav',
    'été à la plage.mov',
    'e\u0301te\u0301.mov',
    '最終版_v2.mov',
    'कहानी.srt',
    'מוסיקה.wav',
    '🎬 take 1 👩‍🎤.mov',
    'a'.repeat(255),
    '映'.repeat(85),
    '...and justice',
    'a..b',
  ])('can be %j', (name) => {
    expect(nameProblem(name)).toBeNull();
  });

  test.each<[string, NameProblem]>([
    ['', 'empty'],
    [' ', 'empty'],
    ['\t', 'empty'],
    ['\u3000', 'empty'],
    ['.', 'dots'],
    ['..', 'dots'],
    ['...', 'ending'],
    ['a/b', 'slash'],
    ['/etc/passwd', 'slash'],
    ['..\\..\\boot.ini', 'slash'],
    ['a\u0000.mov', 'control'],
    ['a\nb', 'control'],
    ['a\r\nSet-Cookie: b', 'control'],
    ['a\u007fb', 'control'],
    ['a\u0085b', 'control'],
    ['a\u2028b', 'control'],
    ['\u202egpj.exe', 'control'],
    ['a\u2066b\u2069.mov', 'control'],
    ['CON', 'reserved'],
    ['con.txt', 'reserved'],
    ['Aux.tar.gz', 'reserved'],
    ['COM1', 'reserved'],
    ['com¹.mov', 'reserved'],
    ['LPT9.wav', 'reserved'],
    ['CONIN$', 'reserved'],
    ['a:b', 'reserved'],
    ['C:', 'reserved'],
    ['what?.mov', 'reserved'],
    ['a|b', 'reserved'],
    ['"quoted"', 'reserved'],
    ['trailing.', 'ending'],
    ['trailing ', 'ending'],
    [' leading', 'ending'],
    ['a'.repeat(256), 'too_long'],
    ['映'.repeat(86), 'too_long'],
    ['lone \ud800 surrogate', 'not_unicode'],
  ])('cannot be %j: %s', (name, problem) => {
    expect(nameProblem(name)).toBe(problem);
  });
});

describe('two names', () => {
  test.each([
    ['Cut.MOV', 'cut.mov'],
    ['café', 'cafe\u0301'],
    ['CAFE\u0301', 'café'],
    ['STRASSE', 'straße'],
    ['ΣΊΣΥΦΟΣ', 'σίσυφος'],
    ['ſound', 'Sound'],
    ['\u212bngström', 'ångström'],
    ['ﬁnal', 'FINAL'],
    ['GRO\u1e9e', 'groß'],
    ['fınal', 'final'],
  ])('%j and %j are one name', (one, other) => {
    expect(nameKey(one)).toBe(nameKey(other));
  });

  test.each([
    ['cut.mov', 'cut.mxf'],
    ['cut', 'cut '],
    ['café', 'cafe'],
    ['shot.0001.exr', 'shot.1.exr'],
    ['а.mov', 'a.mov'], // Cyrillic and Latin
  ])('%j and %j are two', (one, other) => {
    expect(nameKey(one)).not.toBe(nameKey(other));
  });

  test('the key of a key is the key', () => {
    for (const name of ['Straße', 'ΌΣΟΣ', 'İstanbul', 'ﬃ', 'CAFE\u0301', '\u1e9e']) {
      expect(nameKey(nameKey(name))).toBe(nameKey(name));
    }
  });
});

describe('a relative path', () => {
  test('is its segments', () => {
    expect(parseRelativePath('Reel 1/frames/a.0001.dpx')).toEqual({
      segments: ['Reel 1', 'frames', 'a.0001.dpx'],
    });
  });

  test.each<[string, string, NameProblem]>([
    ['../a', '..', 'dots'],
    ['a/./b', '.', 'dots'],
    ['/a', '', 'empty'],
    ['a//b', '', 'empty'],
    ['a/', '', 'empty'],
    ['a\\b', 'a\\b', 'slash'],
    ['reel/NUL/a.dpx', 'NUL', 'reserved'],
    ['reel /a.dpx', 'reel ', 'ending'],
  ])('%j is refused at %j: %s', (path, segment, problem) => {
    expect(parseRelativePath(path)).toEqual({ segment, problem });
  });

  test(`has at most ${maxPathDepth} segments`, () => {
    const deepest = Array.from({ length: maxPathDepth }, () => 'a');
    expect(parseRelativePath(deepest.join('/'))).toEqual({ segments: deepest });
    expect(parseRelativePath([...deepest, 'b'].join('/'))).toEqual({ segment: 'b', problem: 'too_deep' });
  });
});

test('typed text is trimmed, and may hold line breaks but no other control characters', () => {
  const schema = textSchema(10);
  expect(schema.parse('  a\nb  ')).toBe('a\nb');
  expect(schema.safeParse('a\u0007b').success).toBe(false);
  expect(schema.safeParse('\ud800').success).toBe(false);
  expect(schema.safeParse('a'.repeat(11)).success).toBe(false);
});
