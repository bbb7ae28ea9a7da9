import { eq } from 'drizzle-orm';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { queryClient } from '@turnover/db/testing';
import { assetChecksums } from '@turnover/db/schema/assets';
import { deliveredFiles } from '@turnover/db/schema/requests';
import type { Role } from '@turnover/domain/people/projects';
import type { FileToCompare } from '@turnover/domain/requests/known-files';
import type { Person } from '../../context.ts';
import type { DeliveryRequest } from '../../access.ts';
import { requestScene, type RequestScene } from '../../testing/requests.ts';
import { askForRedelivery } from '../redelivery/redeliveries.ts';
import { currentRequest } from '../transitions.ts';
import { compareFiles } from './known-files.ts';

let scene: RequestScene;
let request: DeliveryRequest;
beforeEach(async () => {
  scene = await requestScene();
  request = scene.createRequest();
});
afterEach(() => scene.close());

const hash = (letter: string) => letter.repeat(32);
const sizeOf = (path: string, by = 'partner') => `${path} by ${by}`.length;
const asked = (path: string, letter?: string, sizeBytes = sizeOf(path)): FileToCompare => ({
  path,
  sizeBytes,
  checksums: letter ? [{ algorithm: 'xxh128', value: hash(letter) }] : [],
});

function deliver(path: string, letter: string, by: Person = scene.people.partner): string {
  const { hub } = scene;
  const id = scene.deliver(request, path, by);
  const { assetId } = hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.id, id)).get()!;
  const row = { assetId, algorithm: 'xxh128', value: hash(letter), source: 'computed', at: 0 } as const;
  hub.db.insert(assetChecksums).values(row).run();
  return id;
}

function sendBack(clearExisting: boolean, fileId: string | null = null): void {
  scene.submitRound(request);
  scene.put(request, 'processed');
  const finding = { reason: 'wrong_version', fileId, timecodeIn: null, timecodeOut: null, note: '' };
  askForRedelivery(scene.hub.as(scene.people.coordinator), request, {
    reasons: ['wrong_file'],
    comment: '',
    clearExisting,
    pins: fileId === null ? [] : [finding],
  });
}

const compare = (files: FileToCompare[], role: Role = 'partner') =>
  compareFiles(scene.hub.as(scene.people[role]), currentRequest(scene.hub.db, request.id), files);

describe('comparing files before they are sent', () => {
  test('without a checksum, another size proves a change, and the same size proves nothing', () => {
    deliver('mix.wav', 'a');
    sendBack(false);
    const verdicts = compare([
      asked('mix.wav'),
      asked('mix.wav', undefined, 999),
      asked('new.wav', undefined, 998),
    ]);
    expect(verdicts.map(({ is }) => is)).toEqual(['maybe', 'changed', 'new']);
  });

  test('with a checksum, finds the same bytes under the same and another name, and detects other bytes', () => {
    const fileId = deliver('mix.wav', 'a');
    sendBack(false);
    const same = { is: 'same', earlier: { fileId, path: 'mix.wav', round: 1, isThere: true } };
    const renamed = asked('renamed.wav', 'a', sizeOf('mix.wav'));
    expect(compare([asked('MIX.wav', 'a'), renamed, asked('mix.wav', 'b')])).toMatchObject([
      same,
      same,
      { is: 'changed', earlier: null },
    ]);
  });

  test('finds files that a redelivery removed, in their round, so that they can be taken over', () => {
    deliver('mix.wav', 'a');
    sendBack(true);
    expect(compare([asked('mix.wav', 'a')])).toMatchObject([
      { is: 'same', earlier: { round: 1, isThere: false, canTakeOver: true, reasons: [] } },
    ]);
  });

  test('states the reason when the bytes belong to a file with a finding', () => {
    const fileId = deliver('mix.wav', 'a');
    sendBack(true, fileId);
    expect(compare([asked('mix.wav', 'a')])[0]!.earlier).toMatchObject({ reasons: ['wrong_version'] });
  });

  test('asks for another checksum when the hub has not computed the given algorithm', () => {
    deliver('mix.wav', 'a');
    sendBack(false);
    const md5 = { algorithm: 'md5' as const, value: hash('a') };
    expect(compare([{ ...asked('mix.wav'), checksums: [md5] }])).toMatchObject([{ is: 'maybe' }]);
  });

  test('does not find a file that was added and removed within one round', async () => {
    const { removeFiles } = await import('./files.ts');
    const fileId = deliver('mix.wav', 'a');
    removeFiles(scene.hub.as(scene.people.partner), request, { fileIds: [fileId] });
    expect(compare([asked('mix.wav', 'a')])).toMatchObject([{ is: 'new', earlier: null }]);
  });
});

test('does not read every file of the request to compare names with sizes, or checksums', () => {
  deliver('mix.wav', 'a');
  sendBack(false);
  const renamed = asked('renamed.wav', 'a', sizeOf('mix.wav'));
  const plan = planOf(() => {
    expect(compare([asked('mix.wav'), renamed]).map(({ is }) => is)).toEqual(['maybe', 'same']);
  });
  expect(plan).toContain('SEARCH own USING INDEX asset_checksums_by_value (value=?)');
  expect(plan).toContain('SEARCH file USING INDEX delivered_files_by_asset (asset_id=?)');
  const everyFile = /SCAN file\b|SEARCH file USING [A-Z ]*INDEX \w+ \(request_id=\?\)/;
  expect(plan).not.toMatch(everyFile);
  // Reads the sizes of all files only for a new name.
  expect(planOf(() => compare([asked('new.wav')]))).toMatch(everyFile);
});

/** Returns how SQLite runs the queries of `work`. */
function planOf(work: () => void): string {
  const client = scene.hub.db.$client;
  const prepare = vi.spyOn(queryClient(scene.hub.db), 'prepare');
  work();
  const queries = prepare.mock.calls.map(([query]) => query).filter((query) => /^\s*select/i.test(query));
  prepare.mockRestore();
  const steps = queries.flatMap((query) => {
    const values = Array.from(query.matchAll(/\?/g), () => null);
    return client.prepare<unknown[], { detail: string }>(`explain query plan ${query}`).all(...values);
  });
  return steps.map(({ detail }) => detail).join('\n');
}

describe('a checksum does not reveal', () => {
  test('what others delivered, to people who see only their own files', () => {
    deliver('secret.wav', 'a');
    deliver('own.wav', 'b', scene.people.uploader);
    sendBack(true);
    const files = [
      asked('secret.wav', 'a'),
      asked('guess.wav', 'a', sizeOf('secret.wav')),
      asked('secret.wav'),
    ];
    expect(compare(files, 'uploader').map(({ is }) => is)).toEqual(['new', 'new', 'new']);
    const own = asked('own.wav', 'b', sizeOf('own.wav', 'uploader'));
    expect(compare([own], 'uploader')).toMatchObject([{ is: 'same' }]);
  });

  test('what another request contains', () => {
    const other = scene.createRequest();
    const mine = request;
    request = other;
    deliver('mix.wav', 'a');
    request = mine;
    expect(compare([asked('mix.wav', 'a')])).toMatchObject([{ is: 'new' }]);
  });
});
