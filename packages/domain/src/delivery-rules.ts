/** The rules of a delivery as a whole: how many files, which ones, with a list of checksums, sequences without gaps. */
import { isSystemLitter } from './dropping/litter.ts';
import { compiledPattern, isListed, type FindingDetails, type FlightFile } from './file-rules.ts';
import { matchName } from './name-matching.ts';
import { exampleName, type NamePattern } from './name-patterns.ts';
import { nameKey } from './names.ts';
import type { PreFlightRule, RequestRules } from './request-types.ts';
import { parseFrameName } from './sequences.ts';

const maxGapsTold = 20;

export type FoundInDelivery = { rule: PreFlightRule; path?: string; details: FindingDetails };

/** Told one file at a time, judged at the end. */
export class DeliveryRules {
  #rules: RequestRules;
  #delivered = 0;
  #lists = 0;
  #unnamed: { files: number; first: string } = { files: 0, first: '' };
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
      this.#lists += 1;
      return;
    }
    this.#delivered += 1;
    if (file.isNamed === false && !isSystemLitter(file.path)) this.#addUnnamed(file.path);
    const slash = file.path.lastIndexOf('/') + 1;
    const name = file.path.slice(slash);
    for (const [wanted, pattern] of this.#wanted) if (matchName(pattern, name)) this.#wanted.delete(wanted);
    if (this.#rules.completeSequences) this.#addFrame(file.path.slice(0, slash), name);
  }

  judge(): FoundInDelivery[] {
    const { expected, demandsManifest } = this.#rules;
    const files = this.#delivered;
    const found: FoundInDelivery[] = [];
    if (expected.kind === 'count') {
      const { min, max } = expected;
      if (files < min) found.push({ rule: 'too_few_files', details: { files, min } });
      if (max !== null && files > max) found.push({ rule: 'too_many_files', details: { files, max } });
    }
    for (const [name, pattern] of this.#wanted) {
      found.push({ rule: 'expected_missing', details: { name, example: exampleName(pattern) } });
    }
    if (demandsManifest) found.push(...this.#judgeLists());
    for (const { path, frames } of this.#sequences.values()) {
      const { missing, gaps } = gapsIn(frames);
      if (missing > 0)
        found.push({ rule: 'sequence_gap', path, details: { missing, gaps: gaps.join(', ') } });
    }
    return found;
  }

  #addUnnamed(path: string): void {
    if (this.#unnamed.files === 0) this.#unnamed.first = path;
    this.#unnamed.files += 1;
  }

  /** A list that is asked for is one that names each delivered file; one of other files is none. */
  #judgeLists(): FoundInDelivery[] {
    const { files, first } = this.#unnamed;
    const details = { lists: this.#lists, files: this.#delivered, unnamed: files, name: first };
    if (this.#lists > 0 && files === 0) return [];
    return [{ rule: 'manifest_missing', details: this.#lists === 0 ? { lists: 0 } : details }];
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
