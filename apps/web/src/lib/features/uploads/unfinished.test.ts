import { describe, expect, test } from 'vitest';
import { findUnfinished, isAlike } from './unfinished.ts';

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
  ['another path', { relativePath: 'reel/a.mov' }],
  ['every byte there already', { status: 'verifying' as const }],
])('does not match %s', (_, difference) => {
  expect(findUnfinished([{ ...begun, ...difference }], target, chosen)).toBeUndefined();
});

test('prefers the upload of a file with the same date, and otherwise takes another one', () => {
  const copy = { ...begun, modifiedAt: 1001 };
  expect(findUnfinished([copy, begun], target, chosen)).toBe(begun);
  expect(findUnfinished([copy], target, chosen)).toBe(copy);
});

test('finds a file of a dropped folder in the folder that was created for it', () => {
  const nested = { ...begun, folderId: 'made', relativePath: 'reel/a.mov' };
  expect(findUnfinished([nested], target, { file, relativePath: 'reel/a.mov' })).toBe(nested);
});

describe('a file chosen again', () => {
  test('matches by equal name and size', () => {
    expect(isAlike(begun, file)).toBe(true);
    expect(isAlike(begun, new File(['abc'], 'b.mov', { lastModified: 1000 }))).toBe(false);
  });

  test('is recognised by its original name when the upload got another one', () => {
    expect(isAlike({ ...begun, filename: 'a (2).mov', relativePath: 'a.mov' }, file)).toBe(true);
  });
});
