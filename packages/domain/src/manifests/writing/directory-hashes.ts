/**
 * The hashes of directories in ASC MHL 2.0, computed while the files are read. `content` covers the hashes of
 * everything in a directory; `structure` also covers the names.
 */

/** Returns the hash of the bytes as hexadecimal digits. */
export type HashOf = (bytes: Uint8Array) => string;

export type DirectoryHashes = { content: string; structure: string };
export type HashedDirectory = DirectoryHashes & { path: string };

type HashedFile = {
  path: string;
  /** Key by which the files are sorted. Folders with the same key but different spellings are different directories. */
  pathKey: string;
  /** The checksum of the file in hexadecimal digits. */
  value: string;
};

/** Names of files and folders that no directory hash covers: litter of macOS, and the history itself. */
export const ignoredNames: readonly string[] = ['.DS_Store', 'ascmhl'];

/** The open directories of one depth, by path: those whose path has this part in its key. */
type Level = { key: string; directories: Map<string, OpenDirectory> };

/**
 * Takes the files of a tree in the order of their keys, and yields each directory after its last file. Its generators
 * yield between short steps. Memory holds only the hashes of items in directories that are still open.
 */
export class DirectoryHasher {
  readonly #root = new OpenDirectory();
  readonly #levels: Level[] = [{ key: '', directories: new Map([['', this.#root]]) }];
  readonly #hashOf: HashOf;

  constructor(hashOf: HashOf) {
    this.#hashOf = hashOf;
  }

  /** Returns the directories that end before this file. */
  *add({ path, pathKey, value }: HashedFile): Generator<void, HashedDirectory[], void> {
    const { folder, name } = splitPath(path);
    const { ended, directory } = yield* this.#enter(folder, pathKey.split('/').slice(0, -1));
    if (!ignoredNames.includes(name)) {
      directory?.add(name, { content: value, structure: value }, this.#hashOf);
    }
    return ended;
  }

  /** Adds a directory without files, in the order of the keys of the files. */
  *addEmpty({ path, pathKey }: Omit<HashedFile, 'value'>): Generator<void, HashedDirectory[], void> {
    const { ended } = yield* this.#enter(path, pathKey.split('/'));
    return ended;
  }

  *#enter(folder: string, keys: readonly string[]) {
    const differing = keys.findIndex((key, index) => this.#levels[index + 1]?.key !== key);
    const ended = yield* this.#close((differing < 0 ? keys.length : differing) + 1);
    return { ended, directory: this.#open(folder, keys) };
  }

  /** Returns the directories that are still open, and the hashes of the root. */
  *end(): Generator<void, { ended: HashedDirectory[]; root: DirectoryHashes }, void> {
    const ended = yield* this.#close(1);
    return { ended, root: yield* this.#root.hashes(this.#hashOf) };
  }

  /** Returns the directory of this path, or undefined when it lies in an ignored folder. */
  #open(folder: string, keys: readonly string[]): OpenDirectory | undefined {
    let [directory, path] = [this.#root, ''];
    for (const [index, name] of folder === '' ? [] : folder.split('/').entries()) {
      if (ignoredNames.includes(name)) return undefined;
      path = path === '' ? name : `${path}/${name}`;
      const level = (this.#levels[index + 1] ??= { key: keys[index]!, directories: new Map() });
      directory = level.directories.get(path) ?? new OpenDirectory();
      level.directories.set(path, directory);
    }
    return directory;
  }

  /** Closes the directories of this depth and below, the deepest first. */
  *#close(depth: number): Generator<void, HashedDirectory[], void> {
    const ended: HashedDirectory[] = [];
    while (this.#levels.length > depth) {
      const { directories } = this.#levels.pop()!;
      for (const [path, directory] of directories) {
        const hashes = yield* directory.hashes(this.#hashOf);
        const { folder, name } = splitPath(path);
        this.#levels.at(-1)!.directories.get(folder)!.add(name, hashes, this.#hashOf);
        ended.push({ path, ...hashes });
      }
    }
    return ended;
  }
}

class OpenDirectory {
  readonly #content = new HashList();
  readonly #structure = new HashList();

  add(name: string, { content, structure }: DirectoryHashes, hashOf: HashOf): void {
    this.#content.add(content);
    this.#structure.add(hashOf(Buffer.concat([Buffer.from(name), Buffer.from(structure, 'hex')])));
  }

  *hashes(hashOf: HashOf): Generator<void, DirectoryHashes, void> {
    const content = yield* this.#content.hash(hashOf);
    return { content, structure: yield* this.#structure.hash(hashOf) };
  }
}

/**
 * A list of hashes whose order does not matter. It sorts them in parts, because a directory can hold many thousand
 * files.
 */
class HashList {
  readonly #byStart = new Map<string, string[]>();

  add(value: string): void {
    const start = value.slice(0, 2);
    const values = this.#byStart.get(start);
    if (values) values.push(value);
    else this.#byStart.set(start, [value]);
  }

  *hash(hashOf: HashOf): Generator<void, string, void> {
    const parts: Buffer[] = [];
    for (const start of [...this.#byStart.keys()].toSorted()) {
      parts.push(Buffer.from(this.#byStart.get(start)!.toSorted().join(''), 'hex'));
      yield;
    }
    return hashOf(Buffer.concat(parts));
  }
}

function splitPath(path: string): { folder: string; name: string } {
  const end = path.lastIndexOf('/');
  return { folder: path.slice(0, Math.max(end, 0)), name: path.slice(end + 1) };
}
