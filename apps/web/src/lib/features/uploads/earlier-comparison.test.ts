import { beforeEach, expect, test } from 'vitest';
import {
  maxFilesCompared,
  type FileToCompare,
  type KnownFileView,
} from '@turnover/domain/requests/known-files';
import { EarlierComparison } from './earlier-comparison.svelte.ts';
import type { ChosenFile } from './target.ts';

const hub = {
  /** Paths that are in the round. */
  present: new Set<string>(),
  /** Paths whose earlier bytes are no longer stored. */
  freed: new Set<string>(),
  isDown: false,
};
beforeEach(() => {
  hub.present.clear();
  hub.freed.clear();
  hub.isDown = false;
});

function view({ path }: FileToCompare): KnownFileView {
  const isThere = hub.present.has(path);
  const canTakeOver = !isThere && !hub.freed.has(path);
  return { is: 'same', earlier: { fileId: path, path, round: 1, isThere, reasons: [], canTakeOver } };
}

function take({ files }: { files: { path: string }[] }): Promise<void> {
  const refused = files.some(({ path }) => hub.present.has(path) || hub.freed.has(path));
  if (refused || hub.isDown) return Promise.reject(new Error('refused'));
  for (const { path } of files) hub.present.add(path);
  return Promise.resolve();
}

const api = {
  compare: ({ files }: { files: FileToCompare[] }) =>
    hub.isDown ? Promise.reject(new Error('down')) : Promise.resolve(files.map(view)),
  takeOver: take,
};

/** One file more than fits into one call. */
const chosen = Array.from({ length: maxFilesCompared + 1 }, (_none, index): ChosenFile => {
  const relativePath = `frames/${index}.dpx`;
  return { file: new File(['x'], relativePath), relativePath };
});
const last = chosen.at(-1)!;

test('after a failure, another attempt takes over only the remaining files', async () => {
  const comparison = new EarlierComparison(api);
  const files = await comparison.run('req_1', chosen);
  hub.freed.add(last.relativePath);
  await expect(comparison.takeOver('req_1', files)).rejects.toThrow('refused');
  hub.freed.clear();
  expect(await comparison.takeOver('req_1', files)).toEqual([]);
  expect(hub.present.size).toBe(chosen.length);
});

test('sends bytes that were freed meanwhile, and does not ask again about files that were taken over', async () => {
  const comparison = new EarlierComparison(api);
  const files = await comparison.run('req_1', chosen);
  hub.freed.add(last.relativePath);
  await expect(comparison.takeOver('req_1', files)).rejects.toThrow('refused');
  const left = await comparison.runAgain('req_1', files);
  expect(left).toEqual([last]);
  expect(comparison.same.map((each) => each.chosen)).toEqual([last]);
  expect(await comparison.takeOver('req_1', left)).toEqual([last]);
});

test('leaves out files that were added to the round meanwhile', async () => {
  const comparison = new EarlierComparison(api);
  const files = await comparison.run('req_1', chosen);
  hub.present.add(last.relativePath);
  await expect(comparison.takeOver('req_1', files)).rejects.toThrow('refused');
  expect(await comparison.runAgain('req_1', files)).toEqual([]);
});

test('while the hub does not answer, everything that was not taken over can be tried again', async () => {
  const comparison = new EarlierComparison(api);
  const files = await comparison.run('req_1', chosen);
  hub.isDown = true;
  await expect(comparison.takeOver('req_1', files)).rejects.toThrow('refused');
  expect(await comparison.runAgain('req_1', files)).toEqual(files);
  hub.isDown = false;
  expect(await comparison.takeOver('req_1', files)).toEqual([]);
});
