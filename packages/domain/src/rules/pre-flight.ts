/**
 * What a delivery has to be, judged by the same functions in the browser before the first byte, in the server when an upload
 * begins, and again at submit.
 */
import { z } from 'zod';
import { DeliveryRules } from './delivery-rules.ts';
import { checkArrival, fileChecksOf, type FileToCheck, type FoundInFile } from './file-rules.ts';
import { nameKey } from '../names/names.ts';
import { visibleName } from '../names/hidden-characters.ts';
import { lookAlikeKey } from '../names/look-alikes.ts';
import {
  notedRules,
  noRules,
  overridableIn,
  type PreFlightRule,
  type RequestRules,
} from './request-types.ts';

export type { FileToCheck };

/** A rule that somebody set aside; without a path for the delivery as a whole. */
export type Override = { rule: PreFlightRule; path: string | null };

export type PreFlightInput = {
  /** Null: a request that asks for nothing. */
  rules: RequestRules | null;
  /** On their way. */
  files: readonly FileToCheck[];
  /** In the request already. */
  present: readonly FileToCheck[];
  /** `begin`: what is still missing may come later and is only told; `submit`: it is missing. */
  at: 'begin' | 'submit';
  /** Null: not known here. */
  freeBytes?: number | null;
  overrides?: readonly Override[];
};

export const ruleProblemSchema = z.object({
  rule: z.string(),
  /**
   * `blocking`: hard; `overridable`: may be set aside with a reason; `overridden`: was; `later`: only at submit; `note`: pointed
   * out, and may come.
   */
  verdict: z.enum(['blocking', 'overridable', 'overridden', 'later', 'note']),
  /** Null: the delivery as a whole. */
  path: z.string().nullable(),
  details: z.record(z.string(), z.union([z.string(), z.number()])),
  /** The whole path with a name that fits. */
  suggestion: z.string().nullable(),
});
export type RuleProblem = Omit<z.infer<typeof ruleProblemSchema>, 'rule'> & { rule: PreFlightRule };

export type PreFlightReport = {
  /** The first ones; `counts` tells all. */
  findings: RuleProblem[];
  counts: Record<RuleProblem['verdict'], number>;
};

const maxProblems = 1000;

export function preFlight(input: PreFlightInput): PreFlightReport {
  const flight = new PreFlight({ ...input, replaced: replacedBy(input.files) });
  for (const file of input.present) flight.addPresent(file);
  for (const file of input.files) flight.add(file);
  return flight.end(input.freeBytes ?? null);
}

/** The keys of the names whose files make way. */
export function replacedBy(files: readonly FileToCheck[]): Set<string> {
  return new Set(files.filter(({ replace }) => replace).map(({ path }) => nameKey(path)));
}

type PreFlightOptions = Pick<PreFlightInput, 'rules' | 'at' | 'overrides'> & {
  /** Of names whose files make way: what is present under them does not count. */
  replaced?: ReadonlySet<string>;
  /** Findings in the report; the counts are of all. */
  most?: number;
  /** False: only what is asked of the delivery as a whole. */
  checksFiles?: boolean;
};

/** The same, one file at a time: between them others can get their turn. */
export class PreFlight {
  #collector: Collector;
  #judge: (file: FileToCheck) => FoundInFile[];
  #judgesPresent: boolean;
  #whole: DeliveryRules;
  #names = new Map<string, 'present' | 'arriving'>();
  /** The first name of each look. */
  #looks = new Map<string, string>();
  #replaced: ReadonlySet<string>;
  #neededBytes = 0;

  constructor(options: PreFlightOptions) {
    this.#replaced = options.replaced ?? new Set();
    this.#collector = new Collector(options);
    const { rules } = options;
    const judge = rules ? fileChecksOf(rules) : () => [];
    this.#judgesPresent = options.at === 'submit' && (options.checksFiles ?? true);
    // What lies in the request already was let in, whatever is left out today.
    this.#judge = this.#judgesPresent ? judge : (file) => checkArriving(file, judge);
    this.#whole = new DeliveryRules(rules ?? noRules);
  }

  /** `isTold` false: it counts, and nobody is told how it is called. */
  addPresent(file: FileToCheck, isTold = true): void {
    const key = nameKey(file.path);
    if (this.#replaced.has(key)) return;
    this.#names.set(key, 'present');
    if (isTold) this.#addLook(file.path);
    if (this.#judgesPresent) this.#addFound(file);
    this.#whole.add(file);
  }

  add(file: FileToCheck): void {
    this.#addFound(file);
    const key = nameKey(file.path);
    const other = this.#names.get(key);
    if (other) {
      const details = { present: Number(other === 'present') };
      this.#collector.add('name_duplicate', file.path, details, freePath(file.path, this.#names));
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

  /** `freeBytes` null: not known here. */
  end(freeBytes: number | null): PreFlightReport {
    this.#collector.addSpace(this.#neededBytes, freeBytes);
    for (const found of this.#whole.judge()) {
      this.#collector.add(found.rule, found.path ?? null, found.details, null);
    }
    return this.#collector.report;
  }

  /** The other name that looks like this one. */
  #addLook(path: string): string | undefined {
    const look = lookAlikeKey(path);
    const other = this.#looks.get(look);
    if (other === undefined) this.#looks.set(look, path);
    return other;
  }

  #addFound(file: FileToCheck): void {
    for (const { rule, details, suggestion } of this.#judge(file)) {
      this.#collector.add(rule, file.path, details, suggestion);
    }
  }
}

/** What nobody means to deliver is judged by nothing else. */
function checkArriving(file: FileToCheck, judge: (file: FileToCheck) => FoundInFile[]): FoundInFile[] {
  const found = checkArrival(file);
  return found.some(({ rule }) => rule === 'system_file') ? found : [...found, ...judge(file)];
}

/** `mix_2.wav`, with the first number that is free. */
function freePath(path: string, taken: ReadonlyMap<string, unknown>): string {
  const [, stem = path, ending = ''] = /^(.+?)(\.[^./]*)?$/s.exec(path) ?? [];
  for (let number = 2; ; number++) {
    const candidate = `${stem}_${number}${ending}`;
    if (!taken.has(nameKey(candidate))) return candidate;
  }
}

/** Only told until the request is submitted: the rest may be on its way. */
const rulesOfWhole: ReadonlySet<PreFlightRule> = new Set([
  'too_few_files',
  'expected_missing',
  'sequence_gap',
  'frame_duplicate',
  'manifest_missing',
]);

const noted: ReadonlySet<string> = new Set(notedRules);

class Collector {
  readonly report: PreFlightReport = {
    findings: [],
    counts: { blocking: 0, overridable: 0, overridden: 0, later: 0, note: 0 },
  };
  #at: PreFlightInput['at'];
  #most: number;
  #overridable: ReadonlySet<string>;
  #overridden: ReadonlySet<string>;

  constructor({ at, rules, overrides = [], most = maxProblems }: PreFlightOptions) {
    this.#at = at;
    this.#most = most;
    this.#overridable = overridableIn(rules);
    this.#overridden = new Set(overrides.map(({ rule, path }) => keyOf(rule, path)));
  }

  add(
    rule: PreFlightRule,
    path: string | null,
    details: RuleProblem['details'],
    suggestion: string | null,
  ): void {
    const verdict = this.#verdictOn(rule, path);
    this.report.counts[verdict] += 1;
    if (this.report.findings.length < this.#most) {
      this.report.findings.push({ rule, verdict, path, details, suggestion });
    }
  }

  addSpace(needed: number, free: number | null): void {
    if (free !== null && needed > free) this.add('no_space', null, { needed, free }, null);
  }

  #verdictOn(rule: PreFlightRule, path: string | null): RuleProblem['verdict'] {
    if (noted.has(rule)) return 'note';
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
  findings: z.array(ruleProblemSchema),
  counts: z.record(ruleProblemSchema.shape.verdict, z.number()),
});
