/** The rules for a delivery as a whole: the number of files, the expected names, the checksum lists, and complete sequences. */
import { isSystemLitter } from '../workspace/litter.ts';
import { compiledPattern, isListed, type RuleProblemDetails, type FileToCheck } from './file-rules.ts';
import { isPackingListName } from '../manifests/names.ts';
import { matchName } from './name-matching.ts';
import { exampleName, type NamePattern } from './name-patterns.ts';
import type { RequestRules } from './request-types.ts';
import type { PreFlightRule } from './rule-codes.ts';
import { gapsText } from '../sequences/frame-ranges.ts';
import { FrameSets, type FrameSequence } from '../sequences/frame-sets.ts';

const maxGapsListed = 20;
const maxDuplicatesListed = 5;

/** The rules that only the delivery as a whole can break. */
export type DeliveryRule = Extract<
  PreFlightRule,
  | 'too_few_files'
  | 'too_many_files'
  | 'expected_missing'
  | 'sequence_gap'
  | 'frame_duplicate'
  | 'manifest_missing'
>;
export type FoundInDelivery = { rule: DeliveryRule; path?: string; details: RuleProblemDetails };

/** Collects the files of a delivery one at a time with `add`; `check` then returns the problems of the whole. */
export class DeliveryRules {
  #rules: RequestRules;
  #delivered = 0;
  #lists = 0;
  #unnamed: { files: number; first: string } = { files: 0, first: '' };
  #wanted: Map<string, NamePattern>;
  /** Frames by folder, with its trailing `/`. */
  #frames = new Map<string, FrameSets>();

  constructor(rules: RequestRules) {
    this.#rules = rules;
    const { expected } = rules;
    const required = expected.kind === 'list' ? expected.files.filter(({ optional }) => !optional) : [];
    this.#wanted = new Map(required.map(({ name }) => [name, compiledPattern(name)]));
  }

  add(file: FileToCheck): void {
    const slash = file.path.lastIndexOf('/') + 1;
    const name = file.path.slice(slash);
    const isList = isListed(file);
    if (isList) {
      this.#lists += 1;
      if (!isPackingListName(name)) return;
    }
    this.#delivered += 1;
    if (!isList && file.isNamed === false && !isSystemLitter(file.path)) this.#addUnnamed(file.path);
    for (const [wanted, pattern] of this.#wanted) if (matchName(pattern, name)) this.#wanted.delete(wanted);
    if (this.#rules.completeSequences) this.#addFrame(file.path.slice(0, slash), name);
  }

  check(): FoundInDelivery[] {
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
    if (demandsManifest) found.push(...this.#checkLists());
    for (const [folder, sets] of this.#frames) {
      const { sequences, doubled } = sets.end();
      for (const sequence of sequences) {
        const path = folder + sequence.pattern;
        if (sequence.missing > 0 || sequence.step > 1) {
          found.push({ rule: 'sequence_gap', path, details: gapDetails(sequence) });
        }
        if (sequence.duplicates.length > 0) found.push(duplicateFound(path, sequence.duplicates));
      }
      for (const names of doubled) found.push(duplicateFound(folder + names[0]!, [names]));
    }
    return found;
  }

  #addUnnamed(path: string): void {
    if (this.#unnamed.files === 0) this.#unnamed.first = path;
    this.#unnamed.files += 1;
  }

  /** A demanded checksum list counts only when the lists together name every delivered file. */
  #checkLists(): FoundInDelivery[] {
    const { files, first } = this.#unnamed;
    const details = { lists: this.#lists, files: this.#delivered, unnamed: files, name: first };
    if (this.#lists > 0 && files === 0) return [];
    return [{ rule: 'manifest_missing', details: this.#lists === 0 ? { lists: 0 } : details }];
  }

  #addFrame(folder: string, name: string): void {
    const known = this.#frames.get(folder);
    if (known) known.add(name);
    else {
      const sets = new FrameSets();
      if (sets.add(name)) this.#frames.set(folder, sets);
    }
  }
}

/**
 * Returns the number of missing frames and the first gaps: `1002, 1004–1006`. Frames skipped by a step count as
 * missing, because nobody knows whether the step is intended.
 */
function gapDetails({ first, last, count, step, missing, gaps }: FrameSequence): RuleProblemDetails {
  if (step === 1) return { missing, gaps: gapsText((gaps ?? []).slice(0, maxGapsListed), missing) };
  const between = last - first + 1 - count;
  return {
    missing: between,
    gaps: gapsText((gaps ?? []).slice(0, maxGapsListed), missing, step),
    step,
    first,
    last,
  };
}

/** Reports names that stand for the same frame, with different padding or case. */
function duplicateFound(path: string, duplicates: readonly string[][]): FoundInDelivery {
  const names = duplicates.slice(0, maxDuplicatesListed).map((each) => each.join(' = '));
  const more = duplicates.length > maxDuplicatesListed ? ' …' : '';
  return {
    rule: 'frame_duplicate',
    path,
    details: { frames: duplicates.length, names: `${names.join(', ')}${more}` },
  };
}
