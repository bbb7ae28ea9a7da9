/**
 * What a delivery has to be, judged by the same functions in the browser before the first byte, in the server when an upload
 * begins, and again at submit.
 */
import { z } from 'zod';
import { isManifestName } from './manifests.ts';
import { mediaKind } from './media-kinds.ts';
import {
  compileNamePattern,
  exampleName,
  matchName,
  suggestName,
  type NamePattern,
} from './name-patterns.ts';
import {
  maxDeliveryPathLength,
  nameKey,
  parseRelativePath,
  strictNameProblem,
  suggestStrictName,
} from './names.ts';
import { neverOverridable, type PreFlightRule, type RequestRules } from './request-types.ts';
import { parseFrameName } from './sequences.ts';

export type FlightFile = { path: string; sizeBytes: number; isManifest?: boolean };

/** A rule that somebody set aside; without a path for the delivery as a whole. */
export type Override = { rule: PreFlightRule; path: string | null };

export type PreFlightInput = {
  rules: RequestRules;
  /** On their way. */
  files: readonly FlightFile[];
  /** In the request already. */
  present: readonly FlightFile[];
  /** `begin`: what is still missing may come later and is only told; `submit`: it is missing. */
  at: 'begin' | 'submit';
  /** Null: not known here. */
  freeBytes?: number | null;
  overrides?: readonly Override[];
};

export const findingSchema = z.object({
  rule: z.string(),
  /** `blocking`: hard; `overridable`: may be set aside with a reason; `overridden`: was; `later`: only at submit. */
  verdict: z.enum(['blocking', 'overridable', 'overridden', 'later']),
  /** Null: the delivery as a whole. */
  path: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The whole path with a name that fits. */
  suggestion: z.string().nullable(),
});
export type Finding = Omit<z.infer<typeof findingSchema>, 'rule'> & { rule: PreFlightRule };

export type PreFlightReport = {
  /** The first ones; `counts` tells all. */
  findings: Finding[];
  counts: Record<Finding['verdict'], number>;
};

const maxFindings = 1000;
const maxGapsTold = 20;

export function preFlight(input: PreFlightInput): PreFlightReport {
  const flight = new PreFlight(input);
  flight.addPresent(input.present);
  flight.add(input.files);
  return flight.end(input.freeBytes ?? null);
}

/** The same, a few files at a time: between them others get their turn. */
export class PreFlight {
  #collector: Collector;
  #judge: (file: FlightFile) => Found[];
  #judgesPresent: boolean;
  #whole: Whole;
  #names = new Set<string>();
  #neededBytes = 0;

  constructor(input: Pick<PreFlightInput, 'rules' | 'at' | 'overrides'>) {
    this.#collector = new Collector(input);
    this.#judge = judgeOf(input.rules);
    this.#judgesPresent = input.at === 'submit';
    this.#whole = new Whole(input.rules);
  }

  addPresent(files: readonly FlightFile[]): void {
    for (const file of files) {
      this.#names.add(nameKey(file.path));
      if (this.#judgesPresent) this.#addFound(file);
      this.#whole.add(file);
    }
  }

  add(files: readonly FlightFile[]): void {
    for (const file of files) {
      this.#addFound(file);
      const key = nameKey(file.path);
      if (this.#names.has(key)) {
        this.#collector.add('name_duplicate', file.path, {}, freePath(file.path, this.#names));
      }
      this.#names.add(key);
      this.#neededBytes += file.sizeBytes;
      this.#whole.add(file);
    }
  }

  /** `freeBytes` null: not known here. */
  end(freeBytes: number | null): PreFlightReport {
    const [needed, free] = [this.#neededBytes, freeBytes];
    if (free !== null && needed > free) this.#collector.add('no_space', null, { needed, free }, null);
    for (const found of this.#whole.judge()) {
      this.#collector.add(found.rule, found.path ?? null, found.details, null);
    }
    return this.#collector.report;
  }

  #addFound(file: FlightFile): void {
    for (const { rule, details, suggestion } of this.#judge(file)) {
      this.#collector.add(rule, file.path, details, suggestion);
    }
  }
}

type Found = { rule: PreFlightRule; details: Finding['details']; suggestion: string | null };

/** Rules of one file, wherever the others are: for a file that begins by itself. */
export function judgeOf(rules: RequestRules): (file: FlightFile) => Found[] {
  const compiled = rules.namePattern === null ? null : compiledPattern(rules.namePattern);
  const expected =
    rules.expected.kind === 'list' ? rules.expected.files.map(({ name }) => compiledPattern(name)) : null;
  const found = (
    rule: PreFlightRule,
    details: Finding['details'] = {},
    suggestion: string | null = null,
  ): Found => ({
    ...{ rule, details, suggestion },
  });
  return (file) => {
    const { path, sizeBytes } = file;
    const parsed = parseRelativePath(path);
    if ('problem' in parsed) {
      const { segment, problem } = parsed;
      return [found('name_invalid', { name: segment, problem }, corrected(path, suggestStrictName))];
    }
    if (path.length > maxDeliveryPathLength) {
      return [found('path_too_long', { length: path.length, most: maxDeliveryPathLength })];
    }
    const name = parsed.segments.at(-1)!;
    if (isHidden(parsed.segments)) return [found('hidden_file', { name })];
    const problems: Found[] = [];
    if (rules.strictNames && strictNameProblem(path)) {
      problems.push(found('name_not_strict', { name }, corrected(path, suggestStrictName)));
    }
    if (sizeBytes === 0) problems.push(found('empty_file', { name }));
    // Lists of checksums come along with whatever is asked for.
    if (file.isManifest ?? isManifestName(name)) return problems;
    const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
    if (rules.extensions.length > 0 && !rules.extensions.includes(extension)) {
      problems.push(found('extension', { extension, wanted: rules.extensions.join(', ') }));
    }
    if (rules.mediaKinds.length > 0 && !rules.mediaKinds.includes(mediaKind(name))) {
      problems.push(found('media_kind', { kind: mediaKind(name), wanted: rules.mediaKinds.join(', ') }));
    }
    if (compiled && !matchName(compiled, name)) {
      const suggested = corrected(path, (each) => suggestName(compiled, each));
      const told = { name, pattern: compiled.text, example: exampleName(compiled) };
      problems.push(found('name_pattern', told, suggested));
    }
    if (expected && !expected.some((each) => matchName(each, name))) {
      const suggested = expected.map((each) => suggestName(each, name)).find((each) => each !== null);
      const suggestion = suggested === undefined ? null : corrected(path, () => suggested);
      problems.push(found('unexpected_file', { name }, suggestion));
    }
    return problems;
  };
}

type WholeFound = { rule: PreFlightRule; path?: string; details: Finding['details'] };

/** What is told of a delivery as a whole. */
class Whole {
  #rules: RequestRules;
  #delivered = 0;
  #hasManifest = false;
  #wanted: Map<string, NamePattern>;
  #sequences = new Map<string, { path: string; frames: number[] }>();

  constructor(rules: RequestRules) {
    this.#rules = rules;
    const { expected } = rules;
    const required = expected.kind === 'list' ? expected.files.filter(({ optional }) => !optional) : [];
    this.#wanted = new Map(required.map(({ name }) => [name, compiledPattern(name)]));
  }

  add(file: FlightFile): void {
    if (isListed(file)) {
      this.#hasManifest = true;
      return;
    }
    this.#delivered += 1;
    const slash = file.path.lastIndexOf('/') + 1;
    const name = file.path.slice(slash);
    for (const [wanted, pattern] of this.#wanted) if (matchName(pattern, name)) this.#wanted.delete(wanted);
    if (this.#rules.completeSequences) this.#addFrame(file.path.slice(0, slash), name);
  }

  judge(): WholeFound[] {
    const { expected, demandsManifest } = this.#rules;
    const files = this.#delivered;
    const found: WholeFound[] = [];
    if (expected.kind === 'count') {
      const { min, max } = expected;
      if (files < min) found.push({ rule: 'too_few_files', details: { files, min } });
      if (max !== null && files > max) found.push({ rule: 'too_many_files', details: { files, max } });
    }
    for (const name of this.missing()) found.push({ rule: 'expected_missing', details: { name } });
    if (demandsManifest && !this.#hasManifest) found.push({ rule: 'manifest_missing', details: {} });
    for (const { path, frames } of this.#sequences.values()) {
      const { missing, gaps } = gapsIn(frames);
      if (missing > 0)
        found.push({ rule: 'sequence_gap', path, details: { missing, gaps: gaps.join(', ') } });
    }
    return found;
  }

  missing(): string[] {
    return [...this.#wanted.keys()];
  }

  #addFrame(folder: string, name: string): void {
    const parsed = parseFrameName(name);
    if (!parsed) return;
    const path = folder + parsed.pattern;
    const known = this.#sequences.get(nameKey(path)) ?? { path, frames: [] };
    known.frames.push(parsed.frame);
    this.#sequences.set(nameKey(path), known);
  }
}

/** How many frames are missing, and the first of the gaps: `1002`, `1004–1006`. */
function gapsIn(frames: readonly number[]): { missing: number; gaps: string[] } {
  const sorted = frames.toSorted((one, other) => one - other);
  const gaps: string[] = [];
  let missing = 0;
  for (const [index, frame] of sorted.entries()) {
    const before = sorted[index - 1];
    if (before === undefined || frame - before < 2) continue;
    missing += frame - before - 1;
    if (gaps.length === maxGapsTold) continue;
    gaps.push(frame - before === 2 ? `${frame - 1}` : `${before + 1}–${frame - 1}`);
  }
  return { missing, gaps };
}

/** By what was found in it, or before that by what its name promises. */
function isListed({ path, isManifest }: FlightFile): boolean {
  return isManifest ?? isManifestName(path);
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

/** `mix (2).wav`, with the first number that is free. */
function freePath(path: string, taken: ReadonlySet<string>): string {
  const [, stem = path, ending = ''] = /^(.+?)(\.[^./]*)?$/s.exec(path) ?? [];
  for (let number = 2; ; number++) {
    const candidate = `${stem}_${number}${ending}`;
    if (!taken.has(nameKey(candidate))) return candidate;
  }
}

function compiledPattern(text: string): NamePattern {
  const result = compileNamePattern(text);
  if ('pattern' in result) return result.pattern;
  throw new TypeError(`Not a pattern: ${result.problem}`);
}

/** Only told until the request is submitted: the rest may be on its way. */
const rulesOfWhole: ReadonlySet<PreFlightRule> = new Set([
  'too_few_files',
  'expected_missing',
  'sequence_gap',
  'manifest_missing',
]);

class Collector {
  readonly report: PreFlightReport = {
    findings: [],
    counts: { blocking: 0, overridable: 0, overridden: 0, later: 0 },
  };
  #at: PreFlightInput['at'];
  #overridable: ReadonlySet<string>;
  #overridden: ReadonlySet<string>;

  constructor({ at, rules, overrides = [] }: Pick<PreFlightInput, 'rules' | 'at' | 'overrides'>) {
    this.#at = at;
    const hard = new Set<string>(neverOverridable);
    this.#overridable = new Set(rules.overridable.filter((rule) => !hard.has(rule)));
    this.#overridden = new Set(overrides.map(({ rule, path }) => keyOf(rule, path)));
  }

  add(
    rule: PreFlightRule,
    path: string | null,
    details: Finding['details'],
    suggestion: string | null,
  ): void {
    const verdict = this.#verdictOn(rule, path);
    this.report.counts[verdict] += 1;
    if (this.report.findings.length < maxFindings) {
      this.report.findings.push({ rule, verdict, path, details, suggestion });
    }
  }

  #verdictOn(rule: PreFlightRule, path: string | null): Finding['verdict'] {
    if (this.#at === 'begin' && rulesOfWhole.has(rule)) return 'later';
    if (!this.#overridable.has(rule)) return 'blocking';
    // What is set aside for the whole delivery is so for each of its files.
    const isSetAside = this.#overridden.has(keyOf(rule, path)) || this.#overridden.has(keyOf(rule, null));
    return isSetAside ? 'overridden' : 'overridable';
  }
}

function keyOf(rule: PreFlightRule, path: string | null): string {
  return `${rule} ${path === null ? '' : nameKey(path)}`;
}

export const reportView = z.object({
  findings: z.array(findingSchema),
  counts: z.record(findingSchema.shape.verdict, z.number()),
});
