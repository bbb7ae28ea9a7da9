/** Media hash lists of version 1.1, for older tools. */
import type { ChecksumAlgorithm } from '../../media/checksums.ts';
import { checksumOf, xmlText, xmlTime, type ListWriter } from './listed-file.ts';

/**
 * The algorithms that the format allows. The writer uses the first one whose value is known. The format has none of the
 * newer xxHash algorithms.
 */
export const legacyMhlAlgorithms = ['md5', 'sha1', 'xxh64'] as const satisfies readonly ChecksumAlgorithm[];

const elements = { md5: 'md5', sha1: 'sha1', xxh64: 'xxhash64be' } as const;

export function legacyMhl({ tool, host, at }: { tool: string; host: string; at: number }): ListWriter {
  return {
    head: () =>
      '<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="1.1">\n  <creatorinfo>\n' +
      `    <name>${xmlText(tool)}</name>\n    <username>${xmlText(tool)}</username>\n` +
      `    <hostname>${xmlText(host)}</hostname>\n    <tool>${xmlText(tool)}</tool>\n` +
      `    <startdate>${xmlTime(at)}</startdate>\n    <finishdate>${xmlTime(at)}</finishdate>\n  </creatorinfo>\n`,
    file(file) {
      const known = legacyMhlAlgorithms.flatMap((name) => checksumOf(file, name) ?? [])[0];
      const element = elements[known?.algorithm as keyof typeof elements];
      const value = known
        ? `    <${element}>${known.value}</${element}>\n    <hashdate>${xmlTime(known.at)}</hashdate>\n`
        : `    <null/>\n    <hashdate>${xmlTime(at)}</hashdate>\n`;
      return (
        `  <hash>\n    <file>${xmlText(file.path)}</file>\n    <size>${file.sizeBytes}</size>\n` +
        `${value}  </hash>\n`
      );
    },
    tail: () => '</hashlist>\n',
  };
}
