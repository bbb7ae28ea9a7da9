/** Names that suggest a checksum list. The content makes the decision (`reading.ts`). */
import { lastSegment } from '../names/names.ts';

const extensions =
  'md5|sha|sha1|sha224|sha256|sha384|sha512|sfv|crc|crc32|xxh|xxh3|xxh32|xxh64|xxh128|xxhash|xxhsum|b2|b3|blake2b|blake3|c4|mhl|hash|hashes|hashdeep|checksum|checksums|digest|md5sum|sha1sum|sha256sum|sha512sum|mtree|cksum';
const algorithm = '(?:md5|sha-?(?:1|224|256|384|512)|xxh(?:3|32|64|128|ash)?|b[23]|blake[23]b?|crc32|c4)';

/** PKL_0f3a….xml, film.pkl.xml, packing-list.xml: the standards allow any name; these are common. */
const packingList = /(?:^|[._/ -])(?:pkl|packing[._ -]?list)(?:[._ -][^/]*)?\.xml$/i;

const listNames = [
  new RegExp(`\\.(?:${extensions})$`, 'i'),
  // checksum.txt, reel_1-checksums.txt, checksums-sha256.txt, checksum_md5.txt
  new RegExp(
    `(?:^|[._/ -])(?:checksums?|hashes|hashdeep|digests?)(?:[._-]${algorithm})?\\.(?:txt|csv|lst|list)$`,
    'i',
  ),
  // md5.txt, md5sum.txt, a.mov.md5.txt, reel1_sha256sums.txt
  new RegExp(`(?:^|[._/ -])${algorithm}[._-]?(?:check)?(?:sums?|hash(?:es)?)?\\.(?:txt|csv|lst|list)$`, 'i'),
  // MD5SUMS, SHA256SUMS, sha1sum, CHECKSUMS
  new RegExp(`(?:^|/)(?:${algorithm}sums?|checksums?)(?:\\.asc)?$`, 'i'),
  // BagIt
  new RegExp(`(?:^|/)(?:tag)?manifest-${algorithm}\\.txt$`, 'i'),
  /(?:^|\/)ascmhl_chain\.xml$/i,
  packingList,
];

/** Returns true when the name, or the last part of a path, suggests a checksum list. */
export function isManifestName(name: string): boolean {
  return listNames.some((pattern) => pattern.test(name));
}

/**
 * Returns true for the name of a packing list, which is a part of its package, unlike a list that only accompanies a
 * delivery.
 */
export function isPackingListName(name: string): boolean {
  return packingList.test(name);
}

const sideFile = new RegExp(`^(.+)\\.(?:${extensions})(?:\\.txt)?$`, 'i');

/**
 * Returns the file that a list with a single nameless hash describes: `A001.mov` for `A001.mov.md5`. Null when the name
 * tells nothing.
 */
export function describedName(path: string): string | null {
  const name = lastSegment(path);
  return sideFile.exec(name)?.[1] ?? null;
}

export function isBagItName(path: string): boolean {
  return /(?:^|\/)(?:tag)?manifest-[a-z0-9]+\.txt$/i.test(path);
}
