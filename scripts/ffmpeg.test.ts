import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasFfmpeg, provideFfmpeg } from './ffmpeg.mjs';

let folder: string;
const given = process.env.TURNOVER_TEST_FFMPEG;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ffmpeg test '));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  if (given === undefined) delete process.env.TURNOVER_TEST_FFMPEG;
  else process.env.TURNOVER_TEST_FFMPEG = given;
});

test('takes an ffmpeg that starts, and no other', () => {
  expect(hasFfmpeg(folder)).toBe(false);
  const file = path.join(folder, 'ffmpeg');
  writeFileSync(file, '#!/bin/sh\nexit 127\n', { mode: 0o755 });
  expect(hasFfmpeg(folder)).toBe(false);
  writeFileSync(file, '#!/bin/sh\nexit 0\n', { mode: 0o755 });
  expect(hasFfmpeg(folder)).toBe(true);
});

test('fetches none where a folder is given', async () => {
  process.env.TURNOVER_TEST_FFMPEG = folder;
  expect(await provideFfmpeg()).toBe(folder);
});
