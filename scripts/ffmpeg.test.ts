import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { hasFfmpeg, provideFfmpeg, unpackFromDebian } from './ffmpeg.mjs';

let folder: string;
const given = process.env.TURNOVER_TEST_FFMPEG;
const searched = process.env.PATH;

beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'ffmpeg test '));
});

afterEach(() => {
  rmSync(folder, { recursive: true, force: true });
  process.env.PATH = searched;
  if (given === undefined) delete process.env.TURNOVER_TEST_FFMPEG;
  else process.env.TURNOVER_TEST_FFMPEG = given;
});

function program(name: string, ...lines: string[]): void {
  writeFileSync(path.join(folder, name), ['#!/bin/sh', ...lines, ''].join('\n'), { mode: 0o755 });
}

test('takes a folder with an ffprobe and an ffmpeg that encodes H.264 and AAC, and no other', () => {
  expect(hasFfmpeg(folder)).toBe(false);
  program('ffprobe');
  program('ffmpeg', 'exit 127');
  expect(hasFfmpeg(folder)).toBe(false);
  program('ffmpeg', "echo ' A....D aac  AAC'");
  expect(hasFfmpeg(folder)).toBe(false);
  program('ffmpeg', "echo ' A....D aac  AAC'", "echo ' V....D libx264  H.264'");
  expect(hasFfmpeg(folder)).toBe(true);
  rmSync(path.join(folder, 'ffprobe'));
  expect(hasFfmpeg(folder)).toBe(false);
});

test('asks for packages once, briefly, and writes nothing outside its folder', async () => {
  const log = path.join(folder, 'calls');
  program('apt-get', `echo "$*" >> '${log}'`, 'exit 100');
  process.env.PATH = `${folder}${path.delimiter}${searched}`;
  await expect(unpackFromDebian(path.join(folder, 'cache'))).rejects.toThrow();
  const calls = readFileSync(log, 'utf8').trim().split('\n');
  expect(calls).toHaveLength(2);
  for (const call of calls) expect(call).toMatch(/Acquire::Retries=0 .*Acquire::http::Timeout=10/);
  expect(calls[1]).toContain(`Dir::State::lists=${path.join(folder, 'cache/lists')} update`);
});

test('ends a download that takes too long', async () => {
  program('apt-get', 'exec sleep 60');
  process.env.PATH = `${folder}${path.delimiter}${searched}`;
  const given = AbortSignal.timeout(100);
  await expect(unpackFromDebian(path.join(folder, 'cache'), given)).rejects.toThrow(/abort/i);
});

test('fetches none where a folder is given', async () => {
  process.env.TURNOVER_TEST_FFMPEG = folder;
  expect(await provideFfmpeg()).toBe(folder);
});
