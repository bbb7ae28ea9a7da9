import { describe, expect, test } from 'vitest';
import { findUnfinished, isSameFile } from './unfinished.ts';

const target = { projectId: 'p1', folderId: null, requestId: null };
const begun = {
  ...target,
  filename: 'a.mov',
  relativePath: '',
  sizeBytes: 3,
  modifiedAt: 1000 as number | null,
  status: 'uploading' as const,
};
const file = new File(['abc'], 'a.mov', { lastModified: 1000 });
const chosen = { file, relativePath: 'a.mov' };

test('finds the same file for the same target', () => {
  expect(findUnfinished([begun], target, chosen)).toBe(begun);
  expect(findUnfinished([{ ...begun, relativePath: 'a.mov' }], target, chosen)).toBeDefined();
});

test.each([
  ['another request', { requestId: 'r1' }],
  ['another folder', { folderId: 'f1' }],
  ['another project', { projectId: 'p2' }],
  ['another size', { sizeBytes: 4 }],
  ['another time of change', { modifiedAt: 1001 }],
  ['another path', { relativePath: 'reel/a.mov' }],
  ['every byte there already', { status: 'verifying' as const }],
])('does not match %s', (_, difference) => {
  expect(findUnfinished([{ ...begun, ...difference }], target, chosen)).toBeUndefined();
});

test('finds a file of a dropped folder in the folder that was made for it', () => {
  const nested = { ...begun, folderId: 'made', relativePath: 'reel/a.mov' };
  expect(findUnfinished([nested], target, { file, relativePath: 'reel/a.mov' })).toBe(nested);
});

describe('a file chosen again', () => {
  test('is the same with equal name, size and time', () => {
    expect(isSameFile(begun, file)).toBe(true);
    expect(isSameFile(begun, new File(['abc'], 'b.mov', { lastModified: 1000 }))).toBe(false);
  });

  test('is recognised by the name that it had, when the upload got another one', () => {
    expect(isSameFile({ ...begun, filename: 'a (2).mov', relativePath: 'a.mov' }, file)).toBe(true);
  });

  test('is the same by name and size alone when the upload has no time', () => {
    expect(isSameFile({ ...begun, modifiedAt: null }, file)).toBe(true);
  });
});
