/**
 * Checks a delivery against its rules. The same functions run in the browser before the upload, on the server when an
 * upload begins, and again at submit.
 */
import { z } from 'zod';
import { DeliveryRules, type DeliveryRule } from './delivery-rules.ts';
import { checkArrival, fileChecksOf, type FileToCheck, type FoundInFile } from './file-rules.ts';
import { nameKey } from '../names/names.ts';
import { visibleName } from '../names/hidden-characters.ts';
import { lookAlikeKey } from '../names/look-alikes.ts';
import { freePath } from '../names/numbered-names.ts';
import {
  demandsStrictNames,
  notedRules,
  noRules,
  overridableIn,
  type RequestRules,
} from './request-types.ts';
import type { PreFlightRule } from './rule-codes.ts';
import { isBinding } from './rule-codes.ts';

export type { FileToCheck };

/** A rule that somebody overrode for one file. A null `path` covers every problem that the rule reports. */
export type Override = { rule: PreFlightRule; path: string | null };

export type PreFlightInput = {
  /** Null for a request without a type. */
  rules: RequestRules | null;
  /** Files that are about to arrive. */
  files: readonly FileToCheck[];
  /** Files that the request already contains. */
  present: readonly FileToCheck[];
  /**
   * `begin`: missing files may still arrive, so they are reported as `later`. `submit`: they are reported as missing.
   */
  at: 'begin' | 'submit';
  /** Null when unknown: space is then not checked. */
  freeBytes?: number | null;
  overrides?: readonly Override[];
};

export const ruleProblemSchema = z.object({
  rule: z.string(),
  /**
   * `blocking`: must be fixed. `overridable`: can be overridden with a reason. `overridden`: somebody has overridden
   * it. `later`: blocks only at submit. `note`: accepted, only pointed out.
   */
  verdict: z.enum(['blocking', 'overridable', 'overridden', 'later', 'note']),
  /** Null for a problem of the delivery as a whole. */
  path: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The whole corrected path. */
  suggestion: z.string().nullable(),
});
export type RuleProblem = Omit<z.infer<typeof ruleProblemSchema>, 'rule'> & { rule: PreFlightRule };

export type PreFlightReport = {
  /** The first problems; `counts` includes all. */
  findings: RuleProblem[];
  counts: Record<RuleProblem['verdict'], number>;
};

const maxProblems = 1000;

/** Checks a whole delivery at once. For many files, use `PreFlight` in batches. */
export function preFlight(input: PreFlightInput): PreFlightReport {
  const flight = new PreFlight({ ...input, replaced: replacedBy(input.files) });
  for (const file of input.present) flight.addPresent(file);
  for (const file of input.files) flight.add(file);
  return flight.end(input.freeBytes ?? null);
}

/** Returns the `nameKey`s of the present files that arriving files replace. */
export function replacedBy(files: readonly FileToCheck[]): Set<string> {
  return new Set(files.filter(({ replace }) => replace).map(({ path }) => nameKey(path)));
}

type PreFlightOptions = Pick<PreFlightInput, 'rules' | 'at' | 'overrides'> & {
  /** The `nameKey`s of present files that will be replaced, so that they are not counted. */
  replaced?: ReadonlySet<string>;
  /** The number of problems listed in the report; the counts include all. */
  maxListed?: number;
  /** False to check only the rules for the delivery as a whole. */
  checksFiles?: boolean;
};

/** Runs the checks of `preFlight` one file at a time, so that the caller can yield between batches. */
export class PreFlight {
  #collector: Collector;
  #checkFile: (file: FileToCheck) => FoundInFile[];
  #checksPresent: boolean;
  #whole: DeliveryRules;
  #names = new Map<string, 'present' | 'arriving'>();
  /** The first path of each look-alike key. */
  #looks = new Map<string, string>();
  #replaced: ReadonlySet<string>;
  #naming: { strict: boolean };
  #neededBytes = 0;

  constructor(options: PreFlightOptions) {
    this.#replaced = options.replaced ?? new Set();
    this.#collector = new Collector(options);
    const { rules } = options;
    this.#naming = { strict: demandsStrictNames(rules) };
    const check = rules ? fileChecksOf(rules) : () => [];
    this.#checksPresent = options.at === 'submit' && (options.checksFiles ?? true);
    // Present files were accepted when they arrived, so the checks for arriving files are not repeated.
    this.#checkFile = this.#checksPresent ? check : (file) => checkArriving(file, check);
    this.#whole = new DeliveryRules(rules ?? noRules);
  }

  /** Adds a present file. If `isNameVisible` is false, the file counts, but no problem may reveal its name. */
  addPresent(file: FileToCheck, isNameVisible = true): void {
    const key = nameKey(file.path);
    if (this.#replaced.has(key)) return;
    this.#names.set(key, 'present');
    if (isNameVisible) this.#addLook(file.path);
    if (this.#checksPresent) this.#addFound(file);
    this.#whole.add(file);
  }

  add(file: FileToCheck): void {
    this.#addFound(file);
    const key = nameKey(file.path);
    const other = this.#names.get(key);
    if (other) {
      const details = { present: Number(other === 'present') };
      this.#collector.add(
        'name_duplicate',
        file.path,
        details,
        freePath(file.path, (name) => this.#names.has(name), this.#naming),
      );
    } else {
      this.#names.set(key, 'arriving');
      const alike = this.#addLook(file.path);
      if (alike !== undefined && nameKey(alike) !== key) {
        this.#collector.add('look_alike', file.path, { other: visibleName(alike) }, null);
      }
    }
    this.#neededBytes += file.sizeBytes;
    this.#whole.add(file);
  }

  /** Returns the report. `freeBytes` is null when unknown; space is then not checked. */
  end(freeBytes: number | null): PreFlightReport {
    this.#collector.addSpace(this.#neededBytes, freeBytes);
    for (const found of this.#whole.check()) {
      this.#collector.add(found.rule, found.path ?? null, found.details, null);
    }
    return this.#collector.report;
  }

  /** Returns the first path that looks like this one; undefined when this is the first. */
  #addLook(path: string): string | undefined {
    const look = lookAlikeKey(path);
    const other = this.#looks.get(look);
    if (other === undefined) this.#looks.set(look, path);
    return other;
  }

  #addFound(file: FileToCheck): void {
    for (const { rule, details, suggestion } of this.#checkFile(file)) {
      this.#collector.add(rule, file.path, details, suggestion);
    }
  }
}

/** Returns the problems of an arriving file. Litter of systems is refused at once, without further checks. */
function checkArriving(file: FileToCheck, check: (file: FileToCheck) => FoundInFile[]): FoundInFile[] {
  const found = checkArrival(file);
  return found.some(({ rule }) => rule === 'system_file') ? found : [...found, ...check(file)];
}

/** Returns the checks of single files that are about to arrive. Compiles the rules once. */
export function arrivalChecks(
  rules: RequestRules | null,
  overrides: readonly Override[],
): (file: FileToCheck) => RuleProblem[] {
  const check = rules ? fileChecksOf(rules) : () => [];
  const verdicts = new Verdicts({ rules, overrides, at: 'begin' });
  return (file) =>
    checkArriving(file, check).map((found) => {
      const { path } = file;
      return { ...found, path, verdict: verdicts.on(found.rule, path) };
    });
}

/**
 * Rules in the order in which their suggestions are preferred: the rule that knows most about the right name comes
 * first.
 */
const bestFirst: readonly PreFlightRule[] = [
  'unexpected_file',
  'name_pattern',
  'name_not_strict',
  'hidden_characters',
];

/** Returns the best of the names that the problems of one file suggest. */
export function bestSuggestion(problems: readonly RuleProblem[]): string | null {
  const offered = problems.filter(({ suggestion }) => suggestion !== null);
  const best = bestFirst.flatMap((wanted) => offered.filter(({ rule }) => rule === wanted));
  return (best[0] ?? offered[0])?.suggestion ?? null;
}

const maxCorrections = 3;

/**
 * Returns the path that the problems suggest, corrected repeatedly until nothing better is suggested; null when nothing
 * is suggested.
 */
export function correctedPath(
  check: (file: FileToCheck) => RuleProblem[],
  file: FileToCheck,
  problems: readonly RuleProblem[],
): string | null {
  let corrected = bestSuggestion(problems.filter(isBinding)) ?? bestSuggestion(problems);
  for (let step = 0; corrected !== null && step < maxCorrections; step++) {
    const better = bestSuggestion(check({ ...file, path: corrected }).filter(isBinding));
    if (better === null) break;
    corrected = better;
  }
  return corrected;
}

export type Need = 'fit' | 'renamed' | 'reason' | 'both' | 'blocked';

/** Returns what a file needs to fit. `remaining`: its problems under the suggested name. */
export function needOf(problems: readonly RuleProblem[], remaining: readonly RuleProblem[]): Need {
  const has = (list: readonly RuleProblem[], wanted: RuleProblem['verdict']) =>
    list.some(({ verdict }) => verdict === wanted);
  if (!problems.some(isBinding)) return 'fit';
  if (!remaining.some(isBinding)) return 'renamed';
  if (!has(problems, 'blocking')) return 'reason';
  return has(remaining, 'blocking') ? 'blocked' : 'both';
}

/** Returns true when the file still needs another name or a reason. A null `reason` means that it has none. */
export function isMisfit(problems: readonly RuleProblem[], reason: string | null): boolean {
  return problems.some(
    ({ verdict }) => verdict === 'blocking' || (verdict === 'overridable' && reason === null),
  );
}

/**
 * True for rules about the whole delivery that are reported as `later` before submit, because the missing files may be
 * on their way.
 */
const waitsForSubmit: Record<DeliveryRule, boolean> = {
  too_few_files: true,
  too_many_files: false,
  expected_missing: true,
  sequence_gap: true,
  frame_duplicate: true,
  manifest_missing: true,
};
const waiting: ReadonlySet<string> = new Set(
  Object.entries(waitsForSubmit).flatMap(([rule, waits]) => (waits ? [rule] : [])),
);

const noted: ReadonlySet<string> = new Set(notedRules);

class Collector {
  readonly report: PreFlightReport = {
    findings: [],
    counts: { blocking: 0, overridable: 0, overridden: 0, later: 0, note: 0 },
  };
  #maxListed: number;
  #verdicts: Verdicts;

  constructor({ maxListed = maxProblems, ...options }: PreFlightOptions) {
    this.#maxListed = maxListed;
    this.#verdicts = new Verdicts(options);
  }

  add(
    rule: PreFlightRule,
    path: string | null,
    details: RuleProblem['details'],
    suggestion: string | null,
  ): void {
    const verdict = this.#verdicts.on(rule, path);
    this.report.counts[verdict] += 1;
    if (this.report.findings.length < this.#maxListed) {
      this.report.findings.push({ rule, verdict, path, details, suggestion });
    }
  }

  addSpace(needed: number, free: number | null): void {
    if (free !== null && needed > free) this.add('no_space', null, { needed, free }, null);
  }
}

/** Decides whether a problem blocks, can be overridden, or is overridden. */
class Verdicts {
  #at: PreFlightInput['at'];
  #overridable: ReadonlySet<string>;
  #overridden: ReadonlySet<string>;

  constructor({ at, rules, overrides = [] }: Pick<PreFlightInput, 'rules' | 'at' | 'overrides'>) {
    this.#at = at;
    this.#overridable = overridableIn(rules);
    this.#overridden = new Set(overrides.map(({ rule, path }) => keyOf(rule, path)));
  }

  on(rule: PreFlightRule, path: string | null): RuleProblem['verdict'] {
    if (noted.has(rule)) return 'note';
    if (this.#at === 'begin' && waiting.has(rule)) return 'later';
    if (!this.#overridable.has(rule)) return 'blocking';
    // An override without a path applies to every file.
    const isOverridden = this.#overridden.has(keyOf(rule, path)) || this.#overridden.has(keyOf(rule, null));
    return isOverridden ? 'overridden' : 'overridable';
  }
}

function keyOf(rule: PreFlightRule, path: string | null): string {
  return `${rule} ${path === null ? '' : nameKey(path)}`;
}

export const reportView = z.object({
  findings: z.array(ruleProblemSchema),
  counts: z.record(ruleProblemSchema.shape.verdict, z.number()),
});
