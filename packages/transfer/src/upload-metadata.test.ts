import { HubError } from '@turnover/domain/errors';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { beginInputOf } from './upload-metadata.ts';

const projectId = `prj_${'a'.repeat(26)}`;
const folderId = `ent_${'a'.repeat(26)}`;

function encode(fields: Record<string, string | Buffer>): string {
  return Object.entries(fields)
    .map(([key, value]) => `${key} ${Buffer.from(value as string).toString('base64')}`)
    .join(',');
}

function read(fields: Record<string, string | Buffer>) {
  return beginInputOf(encode({ filename: 'a.mov', projectId, ...fields }), 5);
}

function problemOf(header: string): string {
  try {
    beginInputOf(header, 5);
  } catch (error) {
    if (error instanceof HubError && error.code === 'invalid_input') return error.message;
    throw error;
  }
  return 'taken';
}

test('reads all keys', () => {
  const fields = { folderId, relativePath: 'reel 1/a.mov', modifiedAt: '1795432916812', replace: 'true' };
  expect(read(fields)).toMatchObject({
    filename: 'a.mov',
    projectId,
    folderId,
    relativePath: 'reel 1/a.mov',
    modifiedAt: 1795432916812,
    replace: true,
    sizeBytes: 5,
  });
  expect(read({ relativePath: 'ñandú/片.mov', other: Buffer.of(0xff) }).relativePath).toBe('ñandú/片.mov');
});

describe('a variable that was not set', () => {
  const optional = ['folderId', 'requestId', 'relativePath', 'modifiedAt', 'checksum', 'replace', 'override'];
  const sent = ['', ' ', 'undefined', 'null', 'NaN', '[object Object]'];

  test.each(optional)('is treated as if %s was not sent', (key) => {
    for (const value of sent)
      expect({ value, input: read({ [key]: value }) }).toEqual({ value, input: read({}) });
    expect(
      beginInputOf(`filename YQ==,projectId ${Buffer.from(projectId).toString('base64')},${key}`, 5),
    ).toBeTruthy();
  });

  test.each(['filename', 'projectId'])('is refused as %s, and the refusal names the key', (key) => {
    for (const value of ['undefined', 'null']) {
      const problem = problemOf(encode({ filename: 'a.mov', projectId, [key]: value }));
      expect(problem).toBe(`Upload-Metadata: ${key} is "${value}", as if a variable was not set.`);
    }
    expect(problemOf(encode({ filename: 'a.mov', projectId, [key]: '' }))).toBe(
      `Upload-Metadata: ${key} is missing.`,
    );
  });

  test('does not affect a file name that contains the word', () => {
    expect(read({ filename: 'undefined.mov' }).filename).toBe('undefined.mov');
    expect(read({ filename: 'null and void.mov' }).filename).toBe('null and void.mov');
  });
});

test.each([
  ['nothing at all', '', 'filename is missing'],
  ['a key that is there twice', 'filename YQ==,filename YQ==', 'filename is there twice'],
  ['no base64', 'filename a.mov', 'filename must be in base64'],
  ['base64 for addresses', 'filename _-__', 'filename must be in base64'],
  ['base64 cut short', 'filename YWI', 'filename must be in base64'],
  ['two spaces', 'filename  YQ==', 'write it as'],
  ['a space behind a comma', 'filename YQ==, other YQ==', 'write it as'],
  ['a key of other letters', 'größe YQ==', 'write it as'],
  ['a comma too many', 'filename YQ==,', 'write it as'],
  ['bytes that are no text', encode({ filename: Buffer.of(0x61, 0xff), projectId }), 'filename is not UTF-8'],
  ['half a character', encode({ filename: Buffer.of(0xe2, 0x82), projectId }), 'filename is not UTF-8'],
  ['a date in words', encode({ filename: 'a', projectId, modifiedAt: 'today' }), 'modifiedAt must be'],
  ['perhaps', encode({ filename: 'a', projectId, replace: 'perhaps' }), 'replace must be true or false'],
  ['an id of something else', encode({ filename: 'a', projectId: folderId }), 'projectId'],
])('%s is refused by name', (_name, header, words) => {
  expect(problemOf(header)).toContain(words);
});

test('either reads a header or refuses it with a HubError, whatever the header is', () => {
  const text = fc.string({
    unit: fc.constantFrom('filename', 'projectId', ' ', ',', 'YQ==', '=', 'é', '__proto__'),
  });
  fc.assert(
    fc.property(text, (header) => {
      expect(problemOf(header)).toMatch(/^(taken|Upload-Metadata: .+)$/);
    }),
    { numRuns: 300 },
  );
});
