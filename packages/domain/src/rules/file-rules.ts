/** The rules of one delivered file: how it is called, what it is, and what it would have to be called. */
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
import type { PreFlightRule, RequestRules } from './request-types.ts';

/**
 * `replace`: it takes the place of the file that has its name. `isNamed`: a checksum list of the delivery names it; left out
 * where nobody has read the lists yet.
 */
export type FileToCheck = {
  path: string;
  sizeBytes: number;
  isManifest?: boolean;
  isNamed?: boolean;
  replace?: boolean;
};

/** Facts that complete the sentence about a finding. */
export type RuleProblemDetails = Record<string, string | number>;
export type FoundInFile = { rule: PreFlightRule; details: RuleProblemDetails; suggestion: string | null };

/** Of a file that arrives, whatever is asked for: what it is left over from, and what its name hides. */
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

/** Rules of one file, wherever the others are: for a file that begins by itself. */
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
    // Lists of checksums come along with whatever is asked for.
    if (file.isManifest ?? isManifestName(name)) return problems;
    // What is asked for by its name is wanted whatever its ending: `ASSETMAP` has none.
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
      const told = { name, pattern: compiled.text, example: exampleName(compiled) };
      problems.push(found('name_pattern', told, suggested));
    }
    if (expected && !isExpected) {
      const suggested = expected.map((each) => suggestName(each, name)).find((each) => each !== null);
      const suggestion = suggested === undefined ? null : corrected(path, () => suggested);
      problems.push(found('unexpected_file', { name }, suggestion));
    }
    return problems;
  };
}

/** By what was found in it, or before that by what its name promises. */
export function isListed({ path, isManifest }: FileToCheck): boolean {
  return isManifest ?? isManifestName(path);
}

/** Of rules that were checked when they were saved. */
export function compiledPattern(text: string): NamePattern {
  const result = compileNamePattern(text);
  if ('pattern' in result) return result.pattern;
  throw new TypeError(`Not a pattern: ${result.problem}`);
}

const systemNames = new Set(['thumbs.db', 'desktop.ini', '__macosx', '$recycle.bin']);

function isHidden(segments: readonly string[]): boolean {
  return segments.some((segment) => segment.startsWith('.') || systemNames.has(segment.toLowerCase()));
}

/** Each part of the path as `suggest` has it; null: one of them cannot be put right. */
function corrected(path: string, suggest: (name: string) => string | null): string | null {
  const segments = path.split('/');
  const last = suggest(segments.at(-1)!);
  const folders = segments.slice(0, -1).map(suggestStrictName);
  if (last === null || folders.includes(null)) return null;
  const suggestion = [...folders, last].join('/');
  return suggestion === path ? null : suggestion;
}
