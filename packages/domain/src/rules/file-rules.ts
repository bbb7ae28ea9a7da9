/** The rules for a single file: its name, its kind and size, and a suggestion for a name that fits. */
import { litterOf } from '../workspace/litter.ts';
import { isManifestName } from '../manifests/names.ts';
import { mediaKind } from '../media/media-kinds.ts';
import { matchName, suggestName } from './name-matching.ts';
import { compileNamePattern, exampleName, type NamePattern } from './name-patterns.ts';
import { cleanPath, withShorterName } from '../names/clean-names.ts';
import { hiddenIn, visibleName } from '../names/hidden-characters.ts';
import {
  maxDeliveryPathLength,
  parseRelativePath,
  strictNameProblem,
  suggestStrictName,
} from '../names/names.ts';
import type { RequestRules } from './request-types.ts';
import type { PreFlightRule } from './rule-codes.ts';

/**
 * `replace`: the file replaces the present file of the same name. `isNamed`: a checksum list of the delivery names the
 * file; undefined while the lists have not been read.
 */
export type FileToCheck = {
  path: string;
  sizeBytes: number;
  isManifest?: boolean;
  isNamed?: boolean;
  replace?: boolean;
};

/** Values for the placeholders of the sentence about a problem. */
export type RuleProblemDetails = Record<string, string | number>;
export type FoundInFile = { rule: PreFlightRule; details: RuleProblemDetails; suggestion: string | null };

/** Checks that apply to every arriving file, with or without a type: litter, and hidden characters in the name. */
export function checkArrival({ path }: FileToCheck): FoundInFile[] {
  const litter = litterOf(path);
  if (litter?.kind === 'system') {
    const details = { name: visibleName(litter.segment), of: litter.of };
    return [{ rule: 'system_file', details, suggestion: null }];
  }
  const found: FoundInFile[] = [];
  if (litter) {
    found.push({
      rule: 'unfinished_file',
      details: { name: litter.segment, of: litter.of },
      suggestion: null,
    });
  }
  const hidden = hiddenIn(path);
  if (hidden.length > 0 && 'segments' in parseRelativePath(path)) {
    const characters = [...new Set(hidden.map(({ label }) => label))].join(', ');
    found.push({
      rule: 'hidden_characters',
      details: { name: visibleName(path), characters },
      suggestion: cleanPath(path),
    });
  }
  return found;
}

/** Compiles the rules once and returns a check for single files. The check needs no other file of the delivery. */
export function fileChecksOf(rules: RequestRules): (file: FileToCheck) => FoundInFile[] {
  const compiled = rules.namePattern === null ? null : compiledPattern(rules.namePattern);
  const expected =
    rules.expected.kind === 'list' ? rules.expected.files.map(({ name }) => compiledPattern(name)) : null;
  const found = (
    rule: PreFlightRule,
    details: RuleProblemDetails = {},
    suggestion: string | null = null,
  ): FoundInFile => ({
    rule,
    details,
    suggestion,
  });
  return (file) => {
    const { path, sizeBytes } = file;
    const parsed = parseRelativePath(path);
    if ('problem' in parsed) {
      const { segment, problem } = parsed;
      return [found('name_invalid', { name: segment, problem }, corrected(path, suggestStrictName))];
    }
    if (path.length > maxDeliveryPathLength) {
      const details = { length: path.length, most: maxDeliveryPathLength };
      return [found('path_too_long', details, withShorterName(path, maxDeliveryPathLength))];
    }
    const name = parsed.segments.at(-1)!;
    if (isHidden(parsed.segments)) return [found('hidden_file', { name })];
    const problems: FoundInFile[] = [];
    if (rules.strictNames && strictNameProblem(path)) {
      problems.push(found('name_not_strict', { name }, corrected(path, suggestStrictName)));
    }
    if (sizeBytes === 0) problems.push(found('empty_file', { name }));
    // A checksum list may accompany every delivery, whatever the rules expect.
    if (file.isManifest ?? isManifestName(name)) return problems;
    // A file that is expected by name needs no listed extension: `ASSETMAP` has none.
    const isExpected = expected?.some((each) => matchName(each, name)) ?? false;
    const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
    if (!isExpected && rules.extensions.length > 0 && !rules.extensions.includes(extension)) {
      problems.push(found('extension', { extension, wanted: rules.extensions.join(', ') }));
    }
    if (!isExpected && rules.mediaKinds.length > 0 && !rules.mediaKinds.includes(mediaKind(name))) {
      problems.push(found('media_kind', { kind: mediaKind(name), wanted: rules.mediaKinds.join(', ') }));
    }
    if (compiled && !matchName(compiled, name)) {
      const suggested = corrected(path, (each) => suggestName(compiled, each));
      const details = { name, pattern: compiled.text, example: exampleName(compiled) };
      problems.push(found('name_pattern', details, suggested));
    }
    if (expected && !isExpected) {
      const suggested = expected.map((each) => suggestName(each, name)).find((each) => each !== null);
      const suggestion = suggested === undefined ? null : corrected(path, () => suggested);
      problems.push(found('unexpected_file', { name }, suggestion));
    }
    return problems;
  };
}

/** Returns true when the file is a checksum list: decided by its content, or by its name while it has not been read. */
export function isListed({ path, isManifest }: FileToCheck): boolean {
  return isManifest ?? isManifestName(path);
}

/** Compiles a pattern of stored rules, which were checked when they were saved. Throws a TypeError for any other text. */
export function compiledPattern(text: string): NamePattern {
  const result = compileNamePattern(text);
  if ('pattern' in result) return result.pattern;
  throw new TypeError(`Not a pattern: ${result.problem}`);
}

const systemNames = new Set(['thumbs.db', 'desktop.ini', '__macosx', '$recycle.bin']);

function isHidden(segments: readonly string[]): boolean {
  return segments.some((segment) => segment.startsWith('.') || systemNames.has(segment.toLowerCase()));
}

/**
 * Returns the path with corrected folders and `suggest` applied to the name; null when a part cannot be corrected or
 * nothing changes.
 */
function corrected(path: string, suggest: (name: string) => string | null): string | null {
  const segments = path.split('/');
  const last = suggest(segments.at(-1)!);
  const folders = segments.slice(0, -1).map(suggestStrictName);
  if (last === null || folders.includes(null)) return null;
  const suggestion = [...folders, last].join('/');
  return suggestion === path ? null : suggestion;
}
