import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  foldersAbove,
  isStrictName,
  looseName,
  maxDeliveryPathLength,
  maxPathDepth,
  nameKey,
  nameProblem,
  parseRelativePath,
  strictNameProblem,
  suggestStrictName,
  type NameProblem,
} from './names.ts';
import { textSchema } from './schemas.ts';

describe('a name', () => {
  test.each([
    'AGM_104_065_010_comp_NFX_v001.1001.exr',
    'project_s01e01_v04_PM_Nearfield_2ch_48k_24b_23976.L.wav',
    'LH_BodyAndSoul_MASTER_48k_24b_6ch_L_v04.wav',
    'Ls', // a channel, not a Windows device
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
    ['а.mov', 'a.mov'], // Cyrillic and Latin letters
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

describe('a strict name', () => {
  test.each([
    'AGM_104_065_010_comp_NFX_v001.1001.exr',
    'project_s01e01_v04_PM_Nearfield_2ch_48k_24b_23976.L.wav',
    'LH_BodyAndSoul_MASTER_48k_24b_6ch_L_v04.wav',
    'NL_s02e04_sub_es-419.ttml',
    'checksum.txt',
    '.DS_Store',
    '...',
    '-rf',
    'A001_C002_0101AB_001.R3D',
    'com10.wav',
  ])('can be %j', (name) => {
    expect(isStrictName(name)).toBe(name !== '...');
    expect(suggestStrictName(name)).toBe(name === '...' ? null : name);
  });

  test.each([
    ['Reel 1', 'Reel_1'],
    ['cut (2).mov', 'cut_2.mov'],
    ['été à la plage.mov', 'ete_a_la_plage.mov'],
    ['e\u0301te\u0301.mov', 'ete.mov'],
    ['Straße_Øst.wav', 'Strasse_Ost.wav'],
    ['Łódź – Æther.wav', 'Lodz_AEther.wav'],
    ['çekim_ğ_İ_ı.mov', 'cekim_g_I_i.mov'],
    ['El Niño, día 3.MXF', 'El_Nino_dia_3.MXF'],
    ['最終版_v2.mov', 'v2.mov'],
    ['🎬 take 1 👩‍🎤.mov', 'take_1.mov'],
    ['mix #3 & stems.zip', 'mix_3_stems.zip'],
    ['naïve.tar.gz', 'naive.tar.gz'],
    ['shot 010 [v2].1001.exr', 'shot_010_v2.1001.exr'],
    ['ﬁnal™.mov', 'finalTM.mov'],
    ['５.１ mix.wav', '5.1_mix.wav'],
    ['...and justice', '...and_justice'],
    ['.été', '.ete'],
    ['mix. mov', 'mix.mov'],
    ['trailing.', 'trailing'],
    [' leading', 'leading'],
    ['NUL', 'NUL_'],
    ['con.txt', 'con_.txt'],
    ['aux.tar.gz', 'aux_.tar.gz'],
    ['com¹.mov', 'com1_.mov'],
    ['LPT1 .wav', 'LPT1_.wav'],
    ['a\u202egpj.exe', 'a_gpj.exe'],
    ['a\u0000b\n.mov', 'a_b.mov'],
    ['../../etc/passwd', '.._.._etc_passwd'],
    ['<b>bold</b>', 'b_bold_b'],
    ['\ud800.mov', null],
    ['映画.mov', null],
    ['Ελλάδα.srt', null],
    ['कहानी', null],
    ['🎬', null],
    ['', null],
    ['   ', null],
    ['..', null],
    ['_', '_'],
  ])('for %j it is %j', (name, suggested) => {
    expect(suggestStrictName(name)).toBe(suggested);
  });

  test('is suggested short enough, with its extension', () => {
    expect(suggestStrictName(`${'é'.repeat(300)}.mov`)).toBe(`${'e'.repeat(251)}.mov`);
    expect(suggestStrictName('⑽'.repeat(85))).toHaveLength(254);
  });

  test('is all that is ever suggested, and what is strict stays as it is', () => {
    const anything = fc.string({ unit: 'binary', maxLength: 40 });
    const nearly = fc
      .array(fc.constantFrom('a', 'Z', '0', '.', '_', '-', ' ', 'é', '映', '/', 'con', '.mov'), {
        maxLength: 12,
      })
      .map((parts) => parts.join(''));
    fc.assert(
      fc.property(fc.oneof(anything, nearly), (name) => {
        const suggested = suggestStrictName(name);
        if (isStrictName(name)) expect(suggested).toBe(name);
        if (suggested !== null) expect(isStrictName(suggested)).toBe(true);
      }),
    );
  });
});

describe('a strict path', () => {
  test.each([
    ['Reel_1/frames/shot.0001.dpx', null],
    ['Reel 1/shot.0001.dpx', { problem: 'characters', segment: 'Reel 1' }],
    ['Reel_1/été.mov', { problem: 'characters', segment: 'été.mov' }],
    ['../a.mov', { problem: 'name', segment: '..' }],
    ['/a.mov', { problem: 'name', segment: '' }],
    ['a/NUL/b.mov', { problem: 'name', segment: 'NUL' }],
    ['a\\b.mov', { problem: 'name', segment: 'a\\b.mov' }],
  ])('%j: %j', (path, problem) => {
    expect(strictNameProblem(path)).toEqual(problem);
  });

  test(`has at most ${maxDeliveryPathLength} characters`, () => {
    const longest = `${'a'.repeat(200)}/${'b'.repeat(maxDeliveryPathLength - 201)}`;
    expect(strictNameProblem(longest)).toBeNull();
    expect(strictNameProblem(`${longest}b`)).toEqual({
      problem: 'path_too_long',
      length: maxDeliveryPathLength + 1,
    });
  });
});

test('typed text is trimmed, and may hold line breaks but no other control characters', () => {
  const schema = textSchema(10);
  expect(schema.parse('  a\nb  ')).toBe('a\nb');
  expect(schema.safeParse('a\u0007b').success).toBe(false);
  expect(schema.safeParse('\ud800').success).toBe(false);
  expect(schema.safeParse('a'.repeat(11)).success).toBe(false);
});

test.each([
  ['NL_s02e04_v07.L.wav', null],
  ['NL s02e04.wav', 'spaces'],
  ['NL s02é04.wav', 'characters'],
  ['映画.mov', 'characters'],
  ['shot#1.exr', 'characters'],
])('flags the name %j as %j', (name, flag) => {
  expect(looseName(name)).toBe(flag);
});

test('does not flag the pattern of a sequence for its placeholders', () => {
  expect(looseName('shot.####.exr', { sequence: true })).toBeNull();
  expect(looseName('shot 1.####.exr', { sequence: true })).toBe('spaces');
});

test.each([
  ['cut.mov', []],
  ['a/b/cut.mov', ['a', 'a/b']],
  ['', []],
])('the folders above %j', (path, folders) => {
  expect(foldersAbove(path)).toEqual(folders);
});
