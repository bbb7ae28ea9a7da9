/** ASC MHL 2.0: a manifest for each generation, and the chain that seals them. The order of elements is the schema's. */
import type { ChecksumAlgorithm } from '../../media/checksums.ts';
import { ignoredNames, type DirectoryHashes, type HashedDirectory } from './directory-hashes.ts';
import { checksumOf, xmlText, xmlTime, type ListedFile, type ListWriter } from './listed-file.ts';

/** Formats in the order that the schema demands. */
const formats = [
  'c4',
  'md5',
  'sha1',
  'xxh128',
  'xxh3',
  'xxh64',
] as const satisfies readonly ChecksumAlgorithm[];

export type AscMhlFile = ListedFile & {
  /** `verified`: an earlier generation states the same values. */
  action: 'original' | 'verified' | 'failed';
  /** The path of a renamed file in the previous generation. */
  previousPath: string | null;
};

type Generation = {
  number: number;
  /** The folder that the manifest describes. */
  folder: string;
  at: number;
  tool: { name: string; version: string };
  host: string;
};

const ignored = [...ignoredNames, 'ascmhl/'];

type ManifestFacts = Omit<Generation, 'number' | 'folder'> & {
  /** The XXH128 hashes of the whole folder; null to leave them out. */
  root: DirectoryHashes | null;
};
type ManifestWriter = ListWriter<AscMhlFile> & { directory(directory: HashedDirectory): string };

/** Writes the manifest of a generation. Pass a directory after everything in it, as the reference tool does. */
export function ascMhl({ at, tool, host, root }: ManifestFacts): ManifestWriter {
  let isOpen = false;
  const inHashes = (element: string) => {
    // The schema forbids an empty `hashes` element.
    const start = isOpen ? '' : '  <hashes>\n';
    isOpen = true;
    return `${start}${element}`;
  };
  return {
    head: () =>
      '<?xml version="1.0" encoding="UTF-8"?>\n<hashlist version="2.0" xmlns="urn:ASC:MHL:v2.0">\n' +
      `  <creatorinfo>\n    <creationdate>${xmlTime(at)}</creationdate>\n` +
      `    <hostname>${xmlText(host)}</hostname>\n` +
      `    <tool version="${xmlText(tool.version)}">${xmlText(tool.name)}</tool>\n  </creatorinfo>\n` +
      `  <processinfo>\n    <process>transfer</process>\n${root ? rootElement(root, at) : ''}    <ignore>\n` +
      `${ignored.map((pattern) => `      <pattern>${pattern}</pattern>\n`).join('')}    </ignore>\n  </processinfo>\n`,
    file: (file) => inHashes(hashElement(file)),
    directory: (directory) => inHashes(directoryElement(directory, at)),
    tail: () => `${isOpen ? '  </hashes>\n' : ''}</hashlist>\n`,
  };
}

function hashElement(file: AscMhlFile): string {
  const values = formats
    .flatMap((format) => checksumOf(file, format) ?? [])
    .map(
      ({ algorithm, value, at }) =>
        `      <${algorithm} action="${file.action}" hashdate="${xmlTime(at)}">${value}</${algorithm}>\n`,
    )
    .join('');
  const renamed =
    file.previousPath === null ? '' : `      <previousPath>${xmlText(file.previousPath)}</previousPath>\n`;
  return (
    `    <hash>\n      <path size="${file.sizeBytes}">${xmlText(file.path)}</path>\n` +
    `${values}${renamed}    </hash>\n`
  );
}

function directoryElement(directory: HashedDirectory, at: number): string {
  const path = `      <path>${xmlText(directory.path)}</path>\n`;
  return `    <directoryhash>\n${path}${hashPair(directory, at)}    </directoryhash>\n`;
}

function rootElement(root: DirectoryHashes, at: number): string {
  return `    <roothash>\n${hashPair(root, at)}    </roothash>\n`;
}

function hashPair({ content, structure }: DirectoryHashes, at: number): string {
  const element = (name: string, value: string) =>
    `      <${name}>\n        <xxh128 hashdate="${xmlTime(at)}">${value}</xxh128>\n      </${name}>\n`;
  return element('content', content) + element('structure', structure);
}

/** Returns the file name of a generation, with the time in UTC: `0002_Sound mix_2026-03-01_174210Z.mhl`. */
export function generationName({ number, folder, at }: Pick<Generation, 'number' | 'folder' | 'at'>): string {
  const time = new Date(at).toISOString();
  const name = folder
    .replace(/[<>?*:|"/\\]/g, '_')
    .slice(0, 100)
    .toWellFormed();
  const moment = `${time.slice(0, 10)}_${time.slice(11, 19).replaceAll(':', '')}Z`;
  return `${String(number).padStart(4, '0')}_${name}_${moment}.mhl`;
}

/** Returns `ascmhl_chain.xml`: the name and the C4 ID of each manifest, oldest first. */
export function ascMhlChain(generations: readonly { name: string; c4: string }[]): string {
  const lists = generations.map(
    ({ name, c4 }, index) =>
      `  <hashlist sequencenr="${index + 1}">\n    <path>${xmlText(name)}</path>\n    <c4>${c4}</c4>\n  </hashlist>\n`,
  );
  return (
    '<?xml version="1.0" encoding="UTF-8"?>\n<ascmhldirectory xmlns="urn:ASC:MHL:DIRECTORY:v2.0">\n' +
    `${lists.join('')}</ascmhldirectory>\n`
  );
}
