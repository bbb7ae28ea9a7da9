import { expect, test } from 'vitest';
import { whyMissing } from './missing.ts';
import type { ProgramEnd } from '../run-program.ts';

const end = (what: Partial<ProgramEnd>): ProgramEnd => ({
  code: 1,
  signal: null,
  tookTooLong: false,
  errors: '',
  ...what,
});

test.each<[string, Partial<ProgramEnd>, string]>([
  ['its time', { code: null, signal: 'SIGKILL', tookTooLong: true }, 'preview_too_slow'],
  ['its processor time', { code: null, signal: 'SIGXCPU' }, 'preview_too_slow'],
  ['the size of a file', { code: null, signal: 'SIGXFSZ' }, 'no_space'],
  ['a full disk', { errors: 'av_interleaved_write_frame(): No space left on device' }, 'no_space'],
  ['its memory', { code: 244, errors: 'Error while decoding: Cannot allocate memory' }, 'no_memory'],
  ['its heap', { code: null, signal: 'SIGABRT', errors: 'JavaScript heap out of memory' }, 'no_memory'],
])('a program that reaches %s tells nothing about the file', (_, what, reason) => {
  expect(whyMissing(end(what))).toEqual({ reason });
});

test.each<[string, Partial<ProgramEnd>]>([
  ['was killed', { code: null, signal: 'SIGKILL' }],
  ['got a signal that it handled', { code: 255 }],
  ['was not found', { code: 127 }],
  ['could not be started', { code: null }],
])('a program that %s is retried', (_, what) => {
  expect(() => whyMissing(end(what))).toThrow('was ended');
});

test('otherwise returns the error of the program, without paths and addresses', () => {
  const errors = '[mov @ 0x55] [x @ 0x1] moov atom not found in file:/data/vault/ab/film\nmore';
  expect(whyMissing(end({ errors }))).toEqual({ said: 'moov atom not found in …' });
  // Newer versions of ffmpeg end with this code on invalid data.
  expect(whyMissing(end({ code: 183 }))).toEqual({ said: 'no error message' });
});
