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

test('takes a folder whose ffmpeg and ffprobe start, and no other', () => {
  const write = (name: string, exitCode: number) =>
    writeFileSync(path.join(folder, name), `#!/bin/sh\nexit ${exitCode}\n`, { mode: 0o755 });
  expect(hasFfmpeg(folder)).toBe(false);
  write('ffmpeg', 127);
  write('ffprobe', 0);
  expect(hasFfmpeg(folder)).toBe(false);
  write('ffmpeg', 0);
  expect(hasFfmpeg(folder)).toBe(true);
  rmSync(path.join(folder, 'ffprobe'));
  expect(hasFfmpeg(folder)).toBe(false);
});

test('fetches none where a folder is given', async () => {
  process.env.TURNOVER_TEST_FFMPEG = folder;
  expect(await provideFfmpeg()).toBe(folder);
});
