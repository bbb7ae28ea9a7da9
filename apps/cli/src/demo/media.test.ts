import { expect, test } from 'vitest';
import { looksLikeManifest } from '@turnover/domain/manifests/reading';
import { checksumList, dpx, wav } from './media.ts';

test('a WAV states its duration', () => {
  const { bytes } = wav('a.wav', 1, 440);
  expect(bytes.readUInt32LE(4) + 8).toBe(bytes.length);
  expect(bytes.readUInt32LE(40)).toBe(48_000 * 3);
});

test('a DPX frame has its number in its name and its size in its header', () => {
  const frame = dpx('reel 1', 'shot', 86_400);
  expect(frame.name).toBe('shot.0086400.dpx');
  expect(frame.bytes.readUInt32BE(16)).toBe(frame.bytes.length);
});

test('the checksum list is recognised as a checksum list', () => {
  expect(looksLikeManifest(checksumList([wav('a.wav', 1, 440)]).bytes, { path: 'checksum.txt' })).toBe(true);
});
