/**
 * Plans the questions about names that cannot be kept, before anything is sent: one question per folder, never per
 * file. Two folders are merged only if the person wants that.
 */
import { lastSegment, nameKey, nameProblem, type NameProblem } from '@turnover/domain/names/names';
import { cleanName, withShorterFolders, withShorterName } from '@turnover/domain/names/clean-names';
import { numberedName } from '@turnover/domain/names/numbered-names';
import type { ReadDrop } from './drop-reader.ts';
import type { ChosenFile } from './target.ts';

/**
 * What the question is about. `folder`: the folder's own name. `files`: names of files in it. `path`: the path to its
 * files, which is too long.
 */
export type NameQuestion = {
  kind: 'folder' | 'files' | 'path';
  /** The path of the folder as dropped; empty for the top level of the drop. */
  folder: string;
  problem: NameProblem | 'path_too_long';
  /** `folder`: the suggested name; `path`: the suggested whole path. */
  offered: string;
  /** The suggestion without its number, because that name is taken; null otherwise. */
  collidesWith: string | null;
  /** The files, for the kind `files`: they are renamed one by one. */
  files: { path: string; name: string; offered: string }[];
  /** The number of files that the question is about. */
  count: number;
};

/** The person's answers: other names, or items to leave out. Where there is no answer, the suggestion applies. */
export type NameAnswers = {
  names: ReadonlyMap<string, string>;
  leftOut: ReadonlySet<string>;
};
export const noAnswers: NameAnswers = { names: new Map(), leftOut: new Set() };

export type PlanTerms = {
  /** Keys of the existing paths at the target. */
  taken: ReadonlySet<string>;
  /** The maximum length of a path in characters; null for no limit. */
  maxPath: number | null;
};

type Names = Pick<ReadDrop, 'files' | 'emptyFolders'>;

export function questionKey({ kind, folder }: Pick<NameQuestion, 'kind' | 'folder'>): string {
  return `${kind} ${folder}`;
}

export function planNames(read: Names, { taken, maxPath }: PlanTerms): NameQuestion[] {
  const folders = foldersOf(read);
  const inFolder = Map.groupBy(read.files, ({ relativePath }) => folderOf(relativePath));
  const below = Map.groupBy(folders, folderOf);
  const used = new UsedNames(taken);
  const questions: NameQuestion[] = [];
  /** The planned path of each dropped folder; parents are planned before children. */
  const ways = new Map<string, string>([['', '']]);
  const isBad = (path: string) => nameProblem(lastSegment(path)) !== null;
  const insideOf = (folder: string) => ({
    way: ways.get(folder)!,
    files: inFolder.get(folder) ?? [],
    inside: below.get(folder) ?? [],
  });
  const levels = Map.groupBy(['', ...folders], (folder) => (folder === '' ? 0 : folder.split('/').length));
  for (const level of levels.values()) {
    // Unchanged names are planned first: at the target, `a` and `A` are one folder.
    for (const { way, files, inside } of level.map(insideOf)) {
      for (const child of inside) if (!isBad(child)) ways.set(child, joined(way, lastSegment(child)));
      used.keep(way, inside, files, isBad);
    }
    for (const folder of level) addQuestions(folder);
  }
  return questions;

  function addQuestions(folder: string): void {
    const { way, files, inside } = insideOf(folder);
    const badFolders = inside.filter(isBad);
    const badFiles = files.filter(({ relativePath }) => isBad(relativePath));
    for (const child of badFolders) {
      const clean = cleanName(lastSegment(child));
      const offered = used.take(way, clean, 'folder');
      ways.set(child, joined(way, offered));
      questions.push({
        kind: 'folder',
        folder: child,
        problem: nameProblem(lastSegment(child))!,
        offered,
        files: [],
        collidesWith: offered === clean ? null : clean,
        count: inFolder.get(child)?.length ?? 0,
      });
    }
    if (badFiles.length > 0) {
      const renamed = badFiles.map(({ relativePath: path }) => {
        const name = lastSegment(path);
        return { path, name, offered: used.take(way, cleanName(name), 'file') };
      });
      questions.push(ofFiles(folder, nameProblem(renamed[0]!.name)!, renamed));
    } else if (maxPath !== null) {
      const question = aboutLength(folder, way, files, maxPath, used);
      if (question) questions.push(question);
    }
  }
}

/** Returns the drop with the agreed names. */
export function withNames<Read extends Names>(
  read: Read,
  questions: readonly NameQuestion[],
  answers: NameAnswers,
): Read {
  if (questions.length === 0) return read;
  const renaming = new Renaming(questions, answers);
  const files = read.files.flatMap((chosen): ChosenFile[] => {
    const relativePath = renaming.of(chosen.relativePath);
    return relativePath === null ? [] : [{ ...chosen, relativePath }];
  });
  const emptyFolders = read.emptyFolders.flatMap((folder) => renaming.wayOf(folder) ?? []);
  return { ...read, files, emptyFolders };
}

export type AnswerProblem = NameProblem | 'path_too_long' | 'same_name';

/** Returns the problems of the answers, by the key of their question or file; empty when there are none. */
export function problemsIn(
  read: Names,
  questions: readonly NameQuestion[],
  answers: NameAnswers,
  { taken, maxPath }: PlanTerms,
): Map<string, AnswerProblem> {
  const found = new Map<string, AnswerProblem>();
  const renaming = new Renaming(questions, answers);
  for (const question of questions) {
    if (answers.leftOut.has(questionKey(question))) continue;
    for (const [key, offered] of offersOf(question)) {
      const given = answers.names.get(key) ?? offered;
      const names = question.kind === 'path' ? given.split('/') : [given];
      const problem = names.map(nameProblem).find((each) => each !== null);
      if (problem) found.set(key, problem);
    }
  }
  // Two different folders must not be merged, and a renamed folder must not match an existing one.
  const folderAt = new Map<string, string>();
  for (const folder of foldersOf(read)) {
    const way = renaming.wayOf(folder);
    if (way === null) continue;
    const key = nameKey(way);
    const other = folderAt.get(key);
    const isRenamed = renaming.asks(`folder ${folder}`);
    if (other !== undefined && nameKey(other) !== nameKey(folder)) {
      found.set(`folder ${isRenamed ? folder : other}`, 'same_name');
    } else if (isRenamed && taken.has(key)) found.set(`folder ${folder}`, 'same_name');
    folderAt.set(key, folder);
  }
  const fileAt = new Map<string, string>();
  for (const { relativePath: source } of read.files) {
    const path = renaming.of(source);
    if (path === null) continue;
    const key = nameKey(path);
    const other = fileAt.get(key);
    const asked = renaming.keyOf(source);
    // Two files that were dropped under the same name are not caused by an answer.
    const answer = asked ?? (other === undefined ? null : renaming.keyOf(other));
    const isTaken = other !== undefined || (asked !== null && (folderAt.has(key) || taken.has(key)));
    if (answer && isTaken) found.set(answer, 'same_name');
    else if (asked && maxPath !== null && path.length > maxPath) found.set(asked, 'path_too_long');
    fileAt.set(key, source);
  }
  return found;
}

/** Returns the suggestions of a question, by the key of their answer. */
export function offersOf(question: NameQuestion): [key: string, offered: string][] {
  if (question.kind !== 'files') return [[questionKey(question), question.offered]];
  return question.files.map(({ path, offered }) => [`file ${path}`, offered]);
}

/** Maps dropped paths to the agreed ones. */
class Renaming {
  readonly #offered: Map<string, string>;
  readonly #answers: NameAnswers;
  readonly #ways = new Map<string, string | null>([['', '']]);

  constructor(questions: readonly NameQuestion[], answers: NameAnswers) {
    this.#offered = new Map(questions.flatMap(offersOf));
    this.#answers = answers;
  }

  asks(key: string): boolean {
    return this.#offered.has(key);
  }

  /** Returns the key of the answer that decides the path of a file; null when there is none. */
  keyOf(source: string): string | null {
    const keys = [`file ${source}`, `path ${folderOf(source)}`];
    return keys.find((key) => this.asks(key)) ?? null;
  }

  /** Returns the agreed path of a folder; null when the folder is left out with everything in it. */
  wayOf(folder: string): string | null {
    const known = this.#ways.get(folder);
    if (known !== undefined) return known;
    const key = `folder ${folder}`;
    const above = this.wayOf(folderOf(folder));
    const isOut = above === null || this.#answers.leftOut.has(key);
    const way = isOut ? null : joined(above, this.#name(key) ?? lastSegment(folder));
    this.#ways.set(folder, way);
    return way;
  }

  of(source: string): string | null {
    const folder = folderOf(source);
    const way = this.wayOf(folder);
    const name = this.#name(`file ${source}`);
    const { leftOut } = this.#answers;
    if (way === null || leftOut.has(`path ${folder}`)) return null;
    if (name !== undefined && leftOut.has(`files ${folder}`)) return null;
    return joined(this.#name(`path ${folder}`) ?? way, name ?? lastSegment(source));
  }

  #name(key: string): string | undefined {
    return this.asks(key) ? (this.#answers.names.get(key) ?? this.#offered.get(key)) : undefined;
  }
}

function ofFiles(
  folder: string,
  problem: NameQuestion['problem'],
  files: NameQuestion['files'],
): NameQuestion {
  return { kind: 'files', folder, problem, offered: '', collidesWith: null, files, count: files.length };
}

/** Asks about paths that are too long. It asks for shorter folder names only when shorter file names are not enough. */
function aboutLength(
  folder: string,
  way: string,
  files: readonly ChosenFile[],
  maxPath: number,
  used: UsedNames,
): NameQuestion | null {
  const names = files.map(({ relativePath }) => ({ path: relativePath, name: lastSegment(relativePath) }));
  const tooLong = names.filter(({ name }) => joined(way, name).length > maxPath);
  if (tooLong.length === 0) return null;
  const renamed = tooLong.flatMap(({ path, name }) => {
    const short = withShorterName(joined(way, name), maxPath);
    return short === null ? [] : [{ path, name, offered: used.take(way, lastSegment(short), 'file') }];
  });
  const isEnough =
    renamed.length === tooLong.length &&
    renamed.every(({ offered }) => joined(way, offered).length <= maxPath);
  if (isEnough) return ofFiles(folder, 'path_too_long', renamed);
  const longest = Math.max(...chunkedLengths(names));
  const offered = withShorterFolders(way, maxPath - longest - 1) ?? way;
  return {
    kind: 'path',
    folder,
    problem: 'path_too_long',
    offered: used.takeWay(offered, way),
    collidesWith: null,
    files: [],
    count: files.length,
  };
}

/** Returns the longest name of each thousand, because a call such as `Math.max` takes a limited number of arguments. */
function chunkedLengths(names: readonly { name: string }[]): number[] {
  const longest: number[] = [];
  for (const [index, { name }] of names.entries()) {
    const at = Math.floor(index / 1000);
    longest[at] = Math.max(longest[at] ?? 0, name.length);
  }
  return longest;
}

/** The names used in each planned folder: dropped, suggested, or already present at the target. */
class UsedNames {
  readonly #used: Set<string>;

  constructor(taken: ReadonlySet<string>) {
    this.#used = new Set(taken);
  }

  /** Reserves the names that stay unchanged. */
  keep(
    way: string,
    folders: readonly string[],
    files: readonly ChosenFile[],
    isBad: (path: string) => boolean,
  ): void {
    for (const path of folders) if (!isBad(path)) this.#used.add(nameKey(joined(way, lastSegment(path))));
    for (const { relativePath: path } of files) {
      if (!isBad(path)) this.#used.add(nameKey(joined(way, lastSegment(path))));
    }
  }

  /** Returns the name, or the first free one of `name (2)`, `name (3)` and so on. */
  take(folder: string, name: string, kind: 'file' | 'folder'): string {
    let candidate = name;
    for (let number = 2; this.#used.has(nameKey(joined(folder, candidate))); number++) {
      candidate = cleanName(numberedName(name, number, { kind }));
    }
    this.#used.add(nameKey(joined(folder, candidate)));
    return candidate;
  }

  takeWay(way: string, present: string): string {
    if (nameKey(way) === nameKey(present)) return way;
    return joined(folderOf(way), this.take(folderOf(way), lastSegment(way), 'folder'));
  }
}

/** Returns every folder of the drop, parents before children. */
function foldersOf({ files, emptyFolders }: Names): string[] {
  const folders = new Set<string>();
  const add = (folder: string) => {
    for (let each = folder; each !== '' && !folders.has(each); each = folderOf(each)) folders.add(each);
  };
  for (const { relativePath } of files) add(folderOf(relativePath));
  for (const folder of emptyFolders) add(folder);
  const depth = (folder: string) => folder.split('/').length;
  return [...folders].sort((one, other) => depth(one) - depth(other) || (one < other ? -1 : 1));
}

function folderOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function joined(folder: string, name: string): string {
  return folder === '' ? name : `${folder}/${name}`;
}
