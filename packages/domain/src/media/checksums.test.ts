import { expect, test } from 'vitest';
import { declaredChecksumSchema, parseChecksum } from './checksums.ts';

const md5 = 'd41d8cd98f00b204e9800998ecf8427e';

test.each([
  [`md5:${md5}`, { algorithm: 'md5', value: md5 }],
  [` MD5:${md5.toUpperCase()} `, { algorithm: 'md5', value: md5 }],
  ['xxh64:ef46db3751d8e999', { algorithm: 'xxh64', value: 'ef46db3751d8e999' }],
  [
    'xxh128:99aa06d3014798d86001c324468d497f',
    { algorithm: 'xxh128', value: '99aa06d3014798d86001c324468d497f' },
  ],
  [`SHA1:${md5}ABCDEF00`, { algorithm: 'sha1', value: `${md5}abcdef00` }],
  [`c4:c4${'A'.repeat(88)}`, { algorithm: 'c4', value: `c4${'A'.repeat(88)}` }],
  [`c4:C4${'z'.repeat(88)}`, { algorithm: 'c4', value: `c4${'z'.repeat(88)}` }],
])('%j is read', (text, checksum) => {
  expect(parseChecksum(text)).toEqual(checksum);
  expect(declaredChecksumSchema.safeParse(text).success).toBe(true);
});

test.each([
  '',
  'md5',
  'md5:',
  md5,
  `md5:${md5}0`,
  `md5:${md5.slice(1)}`,
  `md5:${md5.slice(1)}g`,
  `md5:${md5}:md5`,
  `sha256:${md5}`,
  `xxh64:${md5}`,
  `c4:c4${'0'.repeat(88)}`,
  `whirlpool:${md5}`,
  `constructor:${md5}`,
  `toString:${md5}`,
  `__proto__:${md5}`,
])('%j is refused', (text) => {
  expect(parseChecksum(text)).toBeNull();
  expect(declaredChecksumSchema.safeParse(text).success).toBe(false);
});
