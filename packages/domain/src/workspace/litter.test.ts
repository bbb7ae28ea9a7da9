import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isSystemLitter, litterOf, litterRoot } from './litter.ts';

test.each([
  ['.DS_Store', 'macOS'],
  ['Card A/.ds_store', 'macOS'],
  ['._a.mov', 'macOS'],
  ['Icon\r', 'macOS'],
  ['Reel 1/Icon\r', 'macOS'],
  ['Icon\uf00d', 'macOS'],
  ['.AppleDouble/a.mov', 'macOS'],
  ['__MACOSX/a.mov', 'macOS'],
  ['.Spotlight-V100/Store-V2/x', 'macOS'],
  ['.TemporaryItems/folders.501/x', 'macOS'],
  ['.com.apple.timemachine.donotpresent', 'macOS'],
  ['Thumbs.db', 'Windows'],
  ['DESKTOP.INI', 'Windows'],
  ['$RECYCLE.BIN/desktop.ini', 'Windows'],
  ['System Volume Information/x', 'Windows'],
  ['lost+found/x', 'Linux'],
  ['.nfs1a70', 'Linux'],
  ['.nfs00000000019e1f0f0000012a', 'Linux'],
  ['.Trash-1000/files/a.mov', 'Linux'],
  ['.fuse_hidden0000001400000001', 'Linux'],
  ['@eaDir/a.mov/SYNOPHOTO_THUMB_M.jpg', 'Synology'],
  ['a.mov@SynoEAStream', 'Synology'],
  ['#recycle/a.mov', 'Synology'],
  ['.@__thumb/a.jpg', 'QNAP'],
  ['@Recycle/a.mov', 'QNAP'],
  ['.snapshot/hourly.0/a.mov', 'a file server'],
  ['~$notes.docx', 'Microsoft Office'],
  ['~WRL0001.tmp', 'Microsoft Office'],
  ['.~lock.budget.ods#', 'LibreOffice'],
  ['film.prlock', 'Adobe'],
  ['mix.wav.reapeaks', 'an audio program'],
  ['.dropbox.cache/x', 'a sync program'],
  ['.notes.txt.swp', 'a text editor'],
])('%j is litter of %s', (path, of) => {
  expect(litterOf(path)).toMatchObject({ kind: 'system', of });
  expect(isSystemLitter(path)).toBe(true);
});

test.each([
  'a.mov.part',
  'Unconfirmed 49121.crdownload',
  'cut.mov.crdownload',
  'cut.mov.download/cut.mov',
  'a.mxf.filepart',
  'a.mxf.partial',
  'a.mxf.aspera-ckpt',
  'a.mxf.aspx',
  'a.mxf.!qB',
  'render.tmp',
  '.A001_C002.mov.aB3xYz',
  '.A001_C002.mov.x7k2m9',
  '.~tmp~/a.mov',
  '.cut.mov.icloud',
  'plan.pdf.sb-1a2b3c4d-Xy12Za',
])('%j is unfinished', (path) => {
  expect(litterOf(path)).toMatchObject({ kind: 'unfinished' });
  expect(isSystemLitter(path)).toBe(false);
});

test.each([
  'a.mov',
  'Icon',
  'Icons/icon.png',
  'Icon.mov',
  '.htaccess',
  '.config.backup',
  '.shot.100123',
  '.notes.README',
  'a.DS_Store',
  'Thumbs.db.mov',
  'thumbs/a.jpg',
  'Party.mov',
  'my.partial.edit.mov',
  'tmp/a.mov',
  'template.mov',
  'eaDir/a.mov',
  'snapshot.mov',
  '#1_take.wav',
  '$cash.mov',
  '~draft.mov',
  'Recycled/a.mov',
  'A001_C002_0101AB.R3D',
  'shot.1001.exr',
  'movie.part1.rar',
  'aspx notes.txt',
])('%j is not litter', (path) => {
  expect(litterOf(path)).toBeNull();
});

describe('litter in a path', () => {
  test('system litter comes before unfinished files, and a folder covers everything in it', () => {
    const litter = litterOf('Card/@eaDir/a.mov.part/b.jpg')!;
    expect(litter).toEqual({ kind: 'system', of: 'Synology', segment: '@eaDir' });
    expect(litterRoot('Card/@eaDir/a.mov.part/b.jpg', litter)).toBe('Card/@eaDir');
  });

  test('is found at any depth and in any case, and nothing else is', () => {
    const plain = fc.stringMatching(/^[A-Za-z0-9_]{1,8}(\.mov)?$/);
    const left = fc.constantFrom(
      '.DS_Store',
      '@eaDir',
      'Icon\r',
      'desktop.ini',
      '.nfs00ab',
      '~$a.doc',
      'x.crdownload',
      'lost+found',
    );
    fc.assert(
      fc.property(
        fc.array(plain, { maxLength: 4 }),
        left,
        fc.nat(4),
        fc.boolean(),
        (segments, name, at, isUpper) => {
          expect(litterOf(segments.join('/'))).toBeNull();
          const path = segments.toSpliced(at, 0, isUpper ? name.toUpperCase() : name).join('/');
          expect(litterOf(path)).not.toBeNull();
          expect(path.startsWith(litterRoot(path, litterOf(path)!))).toBe(true);
        },
      ),
    );
  });

  test('is checked quickly for many names, hostile ones too', () => {
    const hostile = [
      `${'.'.repeat(250)}x`,
      `.nfs${'a'.repeat(240)}g`,
      `${'.sb-'.repeat(60)}-`,
      `~WR${'0'.repeat(240)}x`,
    ];
    for (let count = 0; count < 500; count++) for (const name of hostile) litterOf(name);
    for (let frame = 0; frame < 20_000; frame++) expect(litterOf(`shot/plate/f.${frame}.exr`)).toBeNull();
  });
});
