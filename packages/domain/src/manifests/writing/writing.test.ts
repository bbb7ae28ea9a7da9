import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readManifest } from '../reading.ts';
import { ascMhl, ascMhlChain, generationName } from './asc-mhl.ts';
import { checksumLines } from './checksum-lines.ts';
import { legacyMhl } from './legacy-mhl.ts';
import type { ListedFile, ListWriter } from './listed-file.ts';

const at = Date.UTC(2026, 2, 1, 17, 42, 10);
const md5 = (text: string) => createHash('md5').update(text).digest('hex');
const xxh128 = '99aa06d3014798d86001c324468d497f';

function listed(path: string, content = path): ListedFile {
  return {
    path,
    sizeBytes: Buffer.byteLength(content),
    checksums: [
      { algorithm: 'md5', value: md5(content), at },
      { algorithm: 'xxh128', value: xxh128, at },
    ],
  };
}

function written<File extends ListedFile>(writer: ListWriter<File>, files: readonly File[]): string {
  return writer.head() + files.map((file) => writer.file(file)).join('') + writer.tail();
}

function entriesIn(text: string, path: string) {
  const reading = readManifest(Buffer.from(text), { path });
  return reading.kind === 'list' ? reading.entries : reading.kind;
}

const names = ['a.wav', 'reels/東京 & <1> "x".mov', 'Émile/ünï.txt', "it's 100%.wav", ' leading.wav'];

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-lists-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const has = (program: string) => spawnSync(program, ['--version']).error === undefined;

describe('checksum.txt', () => {
  test('md5sum checks it, also with backslashes and line breaks in names', ({ skip }) => {
    if (!has('md5sum')) skip();
    const files = [...names, 'back\\slash.wav', 'line\nbreak.wav', 'both\\\n.wav'];
    for (const path of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), path);
    }
    const list = written(
      checksumLines('md5'),
      files.map((path) => listed(path)),
    );
    writeFileSync(join(folder, 'checksum.txt'), list);
    const check = spawnSync('md5sum', ['-c', '--strict', 'checksum.txt'], { cwd: folder, encoding: 'utf8' });
    expect(check.status, check.stdout + check.stderr).toBe(0);
    writeFileSync(join(folder, 'line\nbreak.wav'), 'changed');
    expect(spawnSync('md5sum', ['-c', 'checksum.txt'], { cwd: folder }).status).toBe(1);
  });

  test('xxhsum checks the lines of XXH128', ({ skip }) => {
    if (!has('xxhsum')) skip();
    writeFileSync(join(folder, 'empty file.wav'), '');
    writeFileSync(join(folder, 'c.txt'), written(checksumLines('xxh128'), [listed('empty file.wav', '')]));
    expect(spawnSync('xxhsum', ['-c', 'c.txt'], { cwd: folder }).status).toBe(0);
  });

  test.each(['md5', 'xxh128'] as const)('our own reader finds every file of %s', (algorithm) => {
    const entries = entriesIn(
      written(
        checksumLines(algorithm),
        names.slice(0, 4).map((path) => listed(path)),
      ),
      `checksum-${algorithm}.txt`,
    );
    expect(entries).toMatchObject(
      names.slice(0, 4).map((path) => ({ path, algorithms: [algorithm], notes: [] })),
    );
  });

  test('is empty without files', () => {
    expect(written(checksumLines('md5'), [])).toBe('');
  });
});

describe('MHL 1.1', () => {
  const writer = () => legacyMhl({ tool: 'Turnover', host: 'hub_1', at });

  test('our own reader finds every file', () => {
    const entries = entriesIn(
      written(
        writer(),
        names.slice(0, 4).map((path) => listed(path)),
      ),
      'a.mhl',
    );
    expect(entries).toMatchObject(
      names
        .slice(0, 4)
        .map((path) => ({ path, sizeBytes: Buffer.byteLength(path), algorithms: ['md5'], value: md5(path) })),
    );
  });

  test('names a file without a value that the format has', () => {
    const file = { ...listed('a.wav'), checksums: [] };
    expect(entriesIn(written(writer(), [file]), 'a.mhl')).toMatchObject([
      { path: 'a.wav', notes: ['no_value'] },
    ]);
  });
});

describe('ASC MHL 2.0', () => {
  const writer = () => ascMhl({ at, host: 'hub_1', tool: { name: 'Turnover', version: '1' }, root: null });
  const files = names
    .slice(0, 4)
    .map((path) => ({ ...listed(path), action: 'original' as const, previousPath: null }));

  test('our own reader finds every value of every file', () => {
    const entries = entriesIn(written(writer(), files), 'a.mhl');
    expect(entries).toHaveLength(8);
    expect(entries).toMatchObject(
      files.flatMap(({ path }) => [
        { path, algorithms: ['md5'], value: md5(path) },
        { path, algorithms: ['xxh128'], value: xxh128 },
      ]),
    );
  });

  test('states what was renamed and verified, in the order of the schema', () => {
    const file = { ...files[0]!, action: 'verified' as const, previousPath: 'old & gone.wav' };
    const text = written(writer(), [file]);
    expect(text.match(/<[a-z]\w*/gi)).toEqual(
      [
        '<hashlist <creatorinfo <creationdate <hostname <tool <processinfo <process <ignore <pattern <pattern <pattern',
        '<hashes <hash <path <md5 <xxh128 <previousPath',
      ]
        .join(' ')
        .split(' '),
    );
    expect(text).toContain('<previousPath>old &amp; gone.wav</previousPath>');
    expect(text).toContain('action="verified"');
  });

  test('states the hashes of the root and of directories, in the order of the schema', () => {
    const hashes = { content: '1'.repeat(32), structure: '2'.repeat(32) };
    const tool = { name: 'Turnover', version: '1' };
    const withRoot = ascMhl({ at, host: 'hub_1', tool, root: hashes });
    const folder = withRoot.directory({ path: 'reels & <1>', ...hashes });
    const text = withRoot.head() + folder + withRoot.file(files[0]!) + withRoot.tail();
    expect(text.match(/<[a-z]\w*/gi)).toEqual(
      [
        '<hashlist <creatorinfo <creationdate <hostname <tool <processinfo <process',
        '<roothash <content <xxh128 <structure <xxh128 <ignore <pattern <pattern <pattern',
        '<hashes <directoryhash <path <content <xxh128 <structure <xxh128 <hash <path <md5 <xxh128',
      ]
        .join(' ')
        .split(' '),
    );
    expect(text).toContain('<path>reels &amp; &lt;1&gt;</path>');
    expect(entriesIn(text, 'a.mhl')).toMatchObject([{ path: 'a.wav' }, { path: 'a.wav' }]);
  });

  test('has no empty list of hashes', () => {
    expect(written(writer(), [])).not.toContain('<hashes>');
  });

  test('names a generation by number, folder and time in UTC', () => {
    expect(generationName({ number: 2, folder: 'Mix: 5/1', at })).toBe(
      '0002_Mix_ 5_1_2026-03-01_174210Z.mhl',
    );
    expect(generationName({ number: 12_345, folder: 'a', at })).toMatch(/^12345_a_/);
  });

  test('the chain lists the generations from 1 without gaps', () => {
    const c4 = `c4${'1'.repeat(88)}`;
    const chain = ascMhlChain([
      { name: '0001_a.mhl', c4 },
      { name: '0002_a.mhl', c4 },
    ]);
    expect([...chain.matchAll(/sequencenr="(\d)"/g)].map(([, number]) => number)).toEqual(['1', '2']);
    expect(entriesIn(chain, 'ascmhl_chain.xml')).toMatchObject([
      { path: '0001_a.mhl', algorithms: ['c4'] },
      {},
    ]);
  });
});
