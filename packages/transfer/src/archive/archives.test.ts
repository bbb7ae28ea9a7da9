// A folder, a sequence, a selection and a request as one ZIP, checked with the tools that people unpack it with.
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { archiveEntries } from '@turnover/core/archives/prepared';
import { revokeShare } from '@turnover/core/shares/revoke';
import { shareScene, type ShareScene } from '@turnover/core/testing/shares';
import { dayMs } from '@turnover/domain/days';
import { moveInput } from '@turnover/domain/workspace/entries';
import { moveEntries } from '@turnover/core/workspace/move';
import { removeEntry } from '@turnover/core/workspace/trash';
import { renameEntry } from '@turnover/core/workspace/workspace';
import { loadEntry } from '@turnover/core/entries/access';
import { startTransfers, type Transfers } from '../testing/transfers.ts';

// Programs take long to start on a busy machine.
vi.setConfig({ testTimeout: 120_000 });

let scene: ShareScene;
let transfers: Transfers;
let folder: string;

beforeEach(async () => {
  scene = await shareScene({ onDisk: true });
  const limits = { authorizeEveryMs: 20, inactivityMs: 60_000 };
  transfers = await startTransfers({ hub: scene.hub, downloads: { limits } });
  for (const [name, person] of Object.entries(scene.people)) transfers.signedIn.set(name, person);
  const { pat, cora, tomas, stranger } = scene;
  for (const [name, person] of Object.entries({ pat, cora, tomas, stranger }))
    transfers.signedIn.set(name, person);
  folder = mkdtempSync(join(tmpdir(), 'turnover-zip-'));
});
afterEach(async () => {
  await transfers.close();
  rmSync(folder, { recursive: true });
});

/** Each request has its own connection: the hub may close one that was idle while this process waited for a program. */
async function get(path: string, { token = 'pat', method = 'GET', headers = {} } = {}) {
  const answer = await openDownload(path, token, { method, headers });
  const body = await restOf(answer);
  if (!answer.complete) throw new Error('the download was cut');
  const fields = Object.entries(answer.headers).map(([name, value]) => [name, String(value)]);
  return { status: answer.statusCode, headers: new Headers(Object.fromEntries(fields)), body };
}
const statusOf = async (path: string, token?: string) => (await get(path, token ? { token } : {})).status;
const from = (start: number) => ({ headers: { Range: `bytes=${start}-` } });

/** Returns the members of a ZIP and their first bytes after three programs have verified it. */
async function unpack(zip: Buffer): Promise<Record<string, string>> {
  const file = join(folder, 'archive.zip');
  writeFileSync(file, zip);
  const script = `import json, sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z: print(json.dumps({i.filename: z.read(i).decode('latin1')[:100] for i in z.infolist()}))`;
  const [tested, , read] = await Promise.all([
    run('unzip', ['-tqq', file]),
    run('zipinfo', ['-1', file]),
    run('python3', ['-c', script, file]),
  ]);
  expect(tested).toBe('');
  return JSON.parse(read) as Record<string, string>;
}

/** What a program prints. Rejects when it fails or complains. */
async function run(file: string, args: string[]): Promise<string> {
  const { stdout, stderr } = await promisify(execFile)(file, args, { maxBuffer: 1e8 });
  expect(stderr).toBe('');
  return stdout;
}

/** A folder with a subfolder, an empty folder, a sequence and names in several scripts. */
function sampleFolder(): string {
  const reel = scene.folder('Reel 東京');
  const sound = scene.folder('Ton', reel);
  scene.folder('leer', reel);
  for (const name of ['café.txt', 'نص.txt', '🎬 cut.mov', 'Ünï.wav', '100% "ok"'.replaceAll('"', "'")])
    scene.file(name, reel);
  for (const frame of [1001, 1002, 1003]) scene.file(`shot.${frame}.exr`, reel);
  scene.file('mix.wav', sound);
  return reel;
}

describe('the ZIP of a folder', () => {
  test('contains every file, frame and empty folder under its name', async () => {
    const reel = sampleFolder();
    const { status, headers, body } = await get(reel);
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('application/zip');
    expect(headers.get('content-length')).toBe(String(body.length));
    expect(headers.get('content-disposition')).toContain("filename*=UTF-8''Reel%20%E6%9D%B1%E4%BA%AC.zip");
    expect(headers.get('content-security-policy')).toContain('sandbox');
    expect(await unpack(body)).toEqual({
      'Reel 東京/leer/': '',
      'Reel 東京/Ton/mix.wav': 'mix.wav',
      "Reel 東京/100% 'ok'": expect.any(String),
      'Reel 東京/café.txt': expect.any(String),
      'Reel 東京/shot.1001.exr': 'shot.1001.exr',
      'Reel 東京/shot.1002.exr': 'shot.1002.exr',
      'Reel 東京/shot.1003.exr': 'shot.1003.exr',
      'Reel 東京/Ünï.wav': expect.any(String),
      'Reel 東京/نص.txt': expect.any(String),
      'Reel 東京/🎬 cut.mov': expect.any(String),
    });
    const head = await get(reel, { method: 'HEAD' });
    expect(head.headers.get('content-length')).toBe(String(body.length));
    expect(head.headers.get('etag')).toBe(headers.get('etag'));
  });

  test('is also made of an empty folder and a sequence, but not of a file', async () => {
    expect(await unpack((await get(scene.folder('Nothing'))).body)).toEqual({ 'Nothing/': '' });
    for (const frame of [1, 2]) scene.file(`s.000${frame}.dpx`);
    const frames = await get(scene.idOf('s.####.dpx'));
    expect(await unpack(frames.body)).toEqual({ 's.0001.dpx': 's.0001.dpx', 's.0002.dpx': 's.0002.dpx' });
    const file = await get(scene.file('one.mov'));
    expect(file.body.toString()).toBe('one.mov');
  });

  test('can be resumed at every byte, without reading anything before it', async () => {
    const reel = sampleFolder();
    const whole = await get(reel);
    const etag = whole.headers.get('etag')!;
    const opened: string[] = [];
    const { openAsset } = scene.hub.storage;
    scene.hub.ctx.storage.openAsset = (assetId) => (opened.push(assetId), openAsset(assetId));
    for (let start = 0; start < whole.body.length; start += 41) {
      const part = await get(reel, { headers: { Range: `bytes=${start}-`, 'If-Range': etag } });
      expect(part.status).toBe(206);
      expect(part.body.equals(whole.body.subarray(start)), String(start)).toBe(true);
    }
    opened.length = 0;
    // Only the directory.
    expect((await get(reel, from(whole.body.length - 400))).status).toBe(206);
    expect(opened).toEqual([]);
  });

  test('reads files whose CRC is unknown when only a later part is requested', async () => {
    const reel = sampleFolder();
    const { headers } = await get(reel, { method: 'HEAD' });
    const length = Number(headers.get('content-length'));
    const tail = await get(reel, from(length - 700));
    const whole = await get(reel);
    expect(whole.body.subarray(-700).equals(tail.body)).toBe(true);
    await unpack(whole.body);
    const unknown = scene.hub.db.$client.prepare('select count(*) from assets where crc32 is null').pluck();
    expect(unknown.get()).toBe(0);
  });

  test('starts again when the folder has changed since', async () => {
    const reel = sampleFolder();
    const before = (await get(reel)).headers.get('etag')!;
    renameEntry(scene.owner, loadEntry(scene.hub.db, scene.owner, scene.idOf('mix.wav')), 'mix2.wav');
    const after = await get(reel, { headers: { Range: 'bytes=50-', 'If-Range': before } });
    expect(after.status).toBe(200);
    expect(after.headers.get('etag')).not.toBe(before);
    expect(Object.keys(await unpack(after.body))).toContain('Reel 東京/Ton/mix2.wav');
    const same = await get(reel, { headers: { 'If-None-Match': after.headers.get('etag')! } });
    expect(same.status).toBe(304);
  });

  test('that was emptied holds the folder alone, also for somebody who continues an earlier ZIP', async () => {
    const reel = scene.folder('Reel');
    scene.file('a.wav', reel);
    const before = (await get(reel)).headers.get('etag')!;
    removeEntry(scene.owner, loadEntry(scene.hub.db, scene.owner, scene.idOf('a.wav')));
    const after = await get(reel, { headers: { Range: 'bytes=20-', 'If-Range': before } });
    expect(after.status).toBe(200);
    expect(await unpack(after.body)).toEqual({ 'Reel/': '' });
  });
});

/** A folder larger than the buffers between hub and receiver. */
function bigFolder(): { reel: string; names: string[] } {
  const reel = scene.folder('Big');
  const names = ['a.bin', 'b.bin', 'c.bin', 'd.bin'];
  for (const name of names) {
    const asset = scene.createAsset('x');
    const bytes = randomBytes(9_000_001);
    writeFileSync(scene.hub.storage.vaultPath(asset), bytes);
    scene.hub.db.$client.prepare('update assets set size_bytes = ? where id = ?').run(bytes.length, asset);
    scene.createEntry(scene.pat, name, { parentId: reel, assetId: asset });
  }
  return { reel, names };
}

function openDownload(
  path: string,
  token = 'pat',
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const options = {
      port: transfers.port,
      host: '127.0.0.1',
      path: `/files/${path}`,
      agent: false,
      method,
      headers: { Authorization: `Bearer ${token}`, ...headers },
    };
    const request = httpRequest(options);
    request.on('error', reject);
    request.on('response', (response) => {
      response.on('error', () => undefined);
      resolve(response);
    });
    request.end();
  });
}

async function restOf(response: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  response.on('data', (chunk: Buffer) => chunks.push(chunk));
  await new Promise((resolve) => response.on('close', resolve));
  return Buffer.concat(chunks);
}

describe('a running download', () => {
  test('uses the list at its start, whatever is moved and renamed meanwhile', async () => {
    const { reel, names } = bigFolder();
    const response = await openDownload(reel);
    const [, b, , d] = names.map((name) => scene.idOf(name));
    renameEntry(scene.owner, loadEntry(scene.hub.db, scene.owner, b!), 'renamed.bin');
    const input = { projectId: scene.project.id, selection: { entryIds: [d!] }, folderId: null };
    await moveEntries(scene.owner, moveInput.parse(input));
    const zip = await restOf(response);
    expect(response.complete).toBe(true);
    expect(Object.keys(await unpack(zip))).toEqual(names.map((name) => `Big/${name}`));
  });

  test('is cut, and never wrong, when the bytes of a file are missing or too few', async () => {
    const { reel } = bigFolder();
    const assetOf = (name: string) => loadEntry(scene.hub.db, scene.owner, scene.idOf(name)).assetId!;
    for (const damage of [
      () => truncateSync(scene.hub.storage.vaultPath(assetOf('d.bin')), 5),
      () => rmSync(scene.hub.storage.vaultPath(assetOf('d.bin'))),
    ]) {
      const response = await openDownload(reel);
      damage();
      await restOf(response);
      expect(response.complete).toBe(false);
    }
  });

  test('by a recipient is cut when the share is revoked, and otherwise counts each file once', async () => {
    const { reel } = bigFolder();
    const { id: shareId } = scene.share(reel, scene.cora);
    const downloaded = () => scene.sharesOf(reel)[0]!.downloadedFiles;
    const whole = await openDownload(reel, 'cora');
    await unpack(await restOf(whole));
    await expect.poll(downloaded).toBe(4);
    const response = await openDownload(reel, 'cora');
    await revokeShare(scene.owner, shareId);
    await expect.poll(() => transfers.connections()).toBe(0);
    await restOf(response);
    expect(response.complete).toBe(false);
    expect(await statusOf(reel, 'cora')).toBe(404);
  });

  test('that nobody reads any more is stopped', async () => {
    const { reel } = bigFolder();
    for (let time = 0; time < 20; time++) (await openDownload(reel)).destroy();
    await expect.poll(() => transfers.connections()).toBe(0);
    expect((await get(reel)).status).toBe(200);
  });
});

describe('a prepared selection', () => {
  const prepare = (entryIds: string[], person = scene.pat) =>
    archiveEntries(scene.hub.as(person), scene.project.id, { entryIds }).url.slice('/files/'.length);

  test('contains files, folders and sequences together, and only its person can download it', async () => {
    const reel = sampleFolder();
    const alone = scene.file('alone.mov');
    const archive = prepare([alone, reel, scene.idOf('mix.wav')]);
    const names = Object.keys(await unpack((await get(archive)).body));
    expect(names).toHaveLength(11);
    expect(names).toContain('alone.mov');
    expect(names).toContain('Reel 東京/Ton/mix.wav');
    for (const token of ['cora', 'coordinator', 'stranger']) expect(await statusOf(archive, token)).toBe(404);
  });

  test('numbers files of the same name', async () => {
    const [one, two] = [scene.file('Mix.wav'), scene.file('mix.WAV', null, scene.tomas)];
    scene.share(one, scene.cora);
    scene.share(two, scene.cora, {}, scene.hub.as(scene.tomas));
    const archive = prepare([one, two], scene.cora);
    const { headers, body } = await get(archive, { token: 'cora' });
    const names = Object.keys(await unpack(body)).map((name) => name.toLowerCase());
    expect(names.sort()).toEqual(['mix (2).wav', 'mix.wav']);
    expect(headers.get('content-disposition')).toContain(scene.project.name);
  });

  test('stays while it is used, and its running download outlasts it', async () => {
    const { reel } = bigFolder();
    const archive = prepare([reel]);
    scene.hub.clock.advance(6 * dayMs);
    expect((await get(archive, { method: 'HEAD' })).status).toBe(200);
    scene.hub.clock.advance(6 * dayMs);
    const others = scene.file('other.mov');
    prepare([others]);
    const response = await openDownload(archive);
    scene.hub.clock.advance(8 * dayMs);
    prepare([others]);
    expect(await statusOf(archive)).toBe(404);
    await new Promise((resolve) => setTimeout(resolve, 100));
    await restOf(response);
    expect(response.complete).toBe(true);
  });

  test('ends when access to one of its entries ends', async () => {
    const [one, two] = [scene.file('1.wav'), scene.file('2.wav')];
    const { id } = scene.share(one, scene.cora);
    scene.share(two, scene.cora);
    const archive = prepare([one, two], scene.cora);
    expect(await statusOf(archive, 'cora')).toBe(200);
    await revokeShare(scene.owner, id);
    expect(await statusOf(archive, 'cora')).toBe(404);
  });
});

test('a folder is found by its owner and its sharees only, and waits for the checksums of its files', async () => {
  const reel = sampleFolder();
  for (const token of ['cora', 'coordinator', 'stranger']) expect(await statusOf(reel, token)).toBe(404);
  expect(await statusOf(reel, 'nobody')).toBe(401);
  scene.share(reel, scene.cora);
  expect(await statusOf(reel, 'cora')).toBe(200);
  expect(await statusOf(`${reel}?round=1`)).toBe(404);
  expect(await statusOf(`${reel}?preview`)).toBe(404);
  expect(await statusOf(`${reel}/turnover.db`)).toBe(404);
  scene.hub.db.$client.prepare(`update assets set state = 'verifying'`).run();
  const waiting = await get(reel);
  expect(waiting.status).toBe(422);
  expect(waiting.body.toString()).toContain('still_verifying');
});

test('a list ends with the sign-in', async () => {
  const reel = sampleFolder();
  vi.spyOn(transfers.signedIn, 'get').mockReturnValueOnce(scene.pat).mockReturnValue(undefined);
  await expect(get(`${reel}/list.txt`)).rejects.toThrow();
});

describe('the files of a request', () => {
  test.each([
    ['coordinator', 200],
    ['partner', 200],
    ['reviewer', 200],
    ['uploader', 403],
    ['workspace', 404],
    ['stranger', 404],
    ['nobody', 401],
  ])('as %s', async (token, status) => {
    const request = scene.createRequest();
    scene.deliver(request, 'Reel 1/mix.wav');
    expect(await statusOf(request.id, token)).toBe(status);
    expect(await statusOf(`${request.id}/list.txt`, token)).toBe(status);
  });

  test('contain the present files, or those of a round', async () => {
    const request = scene.createRequest({ name: 'Mezcla ñ' });
    expect((await get(request.id, { token: 'partner' })).body.toString()).toContain('request_empty');
    scene.deliver(request, 'Reel 1/mix.wav');
    scene.submitRound(request);
    scene.openNextRound(request);
    scene.deliver(request, 'Reel 1/mix.wav', scene.people.partner, true);
    scene.deliver(request, 'more.wav');
    const now = await get(request.id, { token: 'partner' });
    expect(Object.keys(await unpack(now.body)).sort()).toEqual(['Reel 1/mix.wav', 'more.wav']);
    const first = await get(`${request.id}?round=1`, { token: 'partner' });
    expect(Object.keys(await unpack(first.body))).toEqual(['Reel 1/mix.wav']);
    expect(first.headers.get('content-disposition')).toContain('Mezcla%20%C3%B1%20round%201.zip');
    const { body } = await get(`${request.id}/list.json?round=1`, { token: 'partner' });
    const { files } = JSON.parse(body.toString()) as { files: { path: string; url: string | null }[] };
    // The file was replaced since.
    expect(files).toMatchObject([{ path: 'Reel 1/mix.wav', url: null }]);
    const { body: present } = await get(`${request.id}/list.json`, { token: 'partner' });
    for (const { url } of (JSON.parse(present.toString()) as { files: { url: string }[] }).files) {
      expect(await statusOf(url.slice('/files/'.length), 'partner')).toBe(200);
    }
    for (const round of ['2', '9', '0', 'x']) {
      expect(await statusOf(`${request.id}?round=${round}`, 'partner')).toBe(404);
    }
  });
});

describe('sizes and counts beyond 32 and 16 bits', () => {
  test('includes files beyond 4 GiB, and the files after them', async () => {
    const reel = scene.folder('Long');
    const sizeBytes = 4 * 1024 ** 3 + 5;
    const asset = scene.createAsset('x');
    truncateSync(scene.hub.storage.vaultPath(asset), sizeBytes);
    writeFileSync(scene.hub.storage.vaultPath(asset), 'x', { flag: 'r+' });
    const crc = 0x12345678;
    scene.hub.db.$client
      .prepare('update assets set size_bytes = ?, crc32 = ? where id = ?')
      .run(sizeBytes, crc, asset);
    scene.createEntry(scene.pat, 'a.mov', { parentId: reel, assetId: asset });
    scene.file('b.txt', reel);
    const length = Number((await get(reel, { method: 'HEAD' })).headers.get('content-length'));
    const begin = await get(reel, { headers: { Range: 'bytes=0-999' } });
    const end = await get(reel, from(length - 1000));
    // The bytes in between are zeros, so a sparse file is the archive.
    const file = join(folder, 'long.zip');
    const script = `import json, sys, zipfile
with open(sys.argv[1], 'r+b') as f:
  end = open(sys.argv[2], 'rb').read(); f.truncate(int(sys.argv[3])); f.seek(int(sys.argv[3]) - len(end)); f.write(end)
with zipfile.ZipFile(sys.argv[1]) as z: print(json.dumps([[i.filename, i.file_size, i.CRC] for i in z.infolist()] + [z.read('Long/b.txt').decode()]))`;
    writeFileSync(file, begin.body);
    writeFileSync(join(folder, 'end'), end.body);
    const read = await run('python3', ['-c', script, file, join(folder, 'end'), String(length)]);
    const [first, second, text] = JSON.parse(read) as [unknown[], unknown[], string];
    expect(first).toEqual(['Long/a.mov', sizeBytes, crc]);
    expect(second.slice(0, 2)).toEqual(['Long/b.txt', 5]);
    expect(text).toBe('b.txt');
    expect(await run('zipinfo', ['-1', file])).toBe('Long/a.mov\nLong/b.txt\n');
  });

  test('includes more than 65,535 files', async () => {
    const many = scene.folder('Many');
    const asset = scene.createAsset('');
    scene.hub.db.$client
      .prepare(
        `insert into entries (id, project_id, owner_id, parent_id, kind, name, name_key, sort_key, asset_id, size_bytes,
          file_count, created_at, updated_at)
        with recursive numbers(n) as (select 1 union all select n + 1 from numbers where n < 66000)
        select 'ent_' || printf('%026d', n), project_id, owner_id, id, 'file', 'f' || n, 'f' || n, printf('f%06d', n), ?, 0, 1, 1, 1
        from numbers, (select * from entries where id = ?)`,
      )
      .run(asset, many);
    const { body } = await get(many);
    const file = join(folder, 'many.zip');
    writeFileSync(file, body);
    const script = `import sys, zipfile
with zipfile.ZipFile(sys.argv[1]) as z: print(len(z.namelist()), z.namelist()[-1], z.read('Many/f65999'))`;
    expect(await run('python3', ['-c', script, file])).toBe("66000 Many/f66000 b''\n");
  });
});
