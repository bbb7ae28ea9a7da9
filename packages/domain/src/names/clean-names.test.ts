import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { nameProblem } from './names.ts';
import { cleanName, cleanPath } from './clean-names.ts';
import { hiddenIn } from './hidden-characters.ts';

describe('the name that is offered', () => {
  test.each([
    ['Some Club e. V.', 'Some Club e. V'],
    ['trailing ', 'trailing'],
    ['trailing. . ', 'trailing'],
    ['  leading', 'leading'],
    ['10:30 rough mix', '10-30 rough mix'],
    ['a/b', 'a-b'],
    ['what?.mov', 'what_.mov'],
    ['"The <End>"', "'The _End_'"],
    ['NUL', 'NUL_'],
    ['con.txt', 'con_.txt'],
    ['...', '_'],
    ['', '_'],
    ['\u200b', '_'],
    ['Screenshot 3.45\u202fPM.png', 'Screenshot 3.45 PM.png'],
    ['\u202egpj.exe', 'gpj.exe'],
    ['\u061cmix.wav', 'mix.wav'],
    ['a\u0000b\n.mov', 'ab.mov'],
    ['s\u0441ene \u0410BC.mov', 'scene ABC.mov'],
    ['club\uf029', 'club'],
    ['10\uf02230.mov', '10-30.mov'],
    ['\u0301tude.mov', 'tude.mov'],
    ['lone \ud800.mov', 'lone _.mov'],
    ['🎬 take 1 👩‍🎤.mov', '🎬 take 1 👩‍🎤.mov'],
    ['e\u0301te\u0301.mov', 'e\u0301te\u0301.mov'],
  ])('for %j is %j', (name, clean) => {
    expect(cleanName(name)).toBe(clean);
  });

  test('keeps version, frame number and extension of a name that is too long', () => {
    const clean = cleanName(`${'shot_'.repeat(80)}_v012.001001.exr`);
    expect(clean).toMatch(/^(shot_)+.*_v012\.001001\.exr$/);
    expect(new TextEncoder().encode(clean).length).toBeLessThanOrEqual(255);
    expect(cleanName(`${'映'.repeat(100)}.mov`)).toMatch(/^映+\.mov$/);
    // The name is cut between characters, never within one.
    expect(cleanName(`${'👩‍🎤'.repeat(40)}.mov`)).not.toMatch(/\u200d\.mov$/);
  });

  test('is made for each part of a path', () => {
    expect(cleanPath('Some Club e. V./10:30/a.mov')).toBe('Some Club e. V/10-30/a.mov');
  });

  const letters = fc.constantFrom(
    'a',
    'con',
    '.',
    ' ',
    ':',
    '/',
    '\\',
    '?',
    '\u00a0',
    '\u200b',
    '\u200d',
    '🎬',
    '\u0301',
    '\u0441',
    '\u202e',
    '\ud800',
    '\u0007',
    '\uf028',
    '映'.repeat(90),
    '.mov',
    '_v01',
    '.1001',
    '\u200c',
    '\u0628',
    'x'.repeat(240),
  );
  const names = fc.oneof(
    fc.array(letters, { maxLength: 10 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 300 }),
  );

  test('can always be kept and hides nothing; a name that is already acceptable stays unchanged', () => {
    fc.assert(
      fc.property(names, (name) => {
        const clean = cleanName(name);
        expect(nameProblem(clean)).toBeNull();
        expect(hiddenIn(clean)).toEqual([]);
        expect(cleanName(clean)).toBe(clean);
        if (nameProblem(name) === null && hiddenIn(name).length === 0) expect(clean).toBe(name);
      }),
      { numRuns: 500 },
    );
  });
});
