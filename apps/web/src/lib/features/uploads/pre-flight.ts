/** Checks files before their upload into a request: the problems of each file, and the effect of the answers. */
import { nameKey } from '@turnover/domain/names/names';
import { freePath } from '@turnover/domain/names/numbered-names';
import {
  arrivalChecks,
  correctedPath,
  isMisfit,
  needOf,
  PreFlight,
  replacedBy,
  type FileToCheck,
  type Need,
  type Override,
  type RuleProblem,
} from '@turnover/domain/rules/pre-flight';
import { isBinding } from '@turnover/domain/rules/rule-codes';
import { demandsStrictNames, type RequestRules } from '@turnover/domain/rules/request-types';
import { isQuiet, type CheckAnswer, type CheckRow, type TakenChoice } from '#lib/pre-flight/check-row.ts';
import type { ChosenFile } from './target.ts';

export type PreFlightTerms = {
  rules: RequestRules | null;
  present: readonly FileToCheck[];
  overrides: readonly Override[];
};

/** The person's decisions for single files, and for all others. */
export type UploadAnswers = {
  single: ReadonlyMap<File, CheckAnswer>;
  onCollision?: TakenChoice;
  override?: string;
};
export const noAnswers: UploadAnswers = { single: new Map() };

export type CheckedFile = {
  chosen: ChosenFile;
  /** The path under which the file is uploaded. */
  as: string;
  offered: string | null;
  /**
   * The problems under the file's own path, and in `left` those that remain under `as`. A taken name is not among them.
   */
  problems: readonly RuleProblem[];
  left: readonly RuleProblem[];
  /** The answer about a taken name; null when no file of the request has the name. */
  taken: TakenChoice | 'open' | null;
  reason: string;
  outcome: CheckRow['outcome'];
};

export type Checked = {
  /** The input of the check: the result is valid only for these files and answers. */
  of: { files: readonly ChosenFile[]; answers: UploadAnswers };
  files: readonly CheckedFile[];
  /** Problems of no single file, such as too many files. */
  whole: readonly RuleProblem[];
  /** Problems that may still be solved before the submit. */
  later: readonly RuleProblem[];
  counts: Record<Need, number>;
  /** The number of files whose question has no answer. */
  open: number;
};

type Asked = {
  files: readonly ChosenFile[];
  terms: PreFlightTerms | null;
  answers: UploadAnswers;
  mayReplace: boolean;
  /** Null when unknown. */
  freeBytes: number | null;
};

/** After this many files the page can draw and react. */
const filesPerTurn = 250;
const noTerms: PreFlightTerms = { rules: null, present: [], overrides: [] };

/** Checks files. Returns null when the result is no longer needed. */
export async function checkFiles(asked: Asked, isWanted = () => true): Promise<Checked | null> {
  const { files, answers, mayReplace, freeBytes } = asked;
  const terms = asked.terms ?? noTerms;
  const planned = await plan(files, terms, answers, isWanted);
  if (!planned) return null;
  const sent = planned.filter(({ answer, taken }) => !answer.skip && taken !== 'skip');
  const toCheck = sent.map(({ chosen, as, taken }) => {
    return { path: as, sizeBytes: chosen.file.size, replace: taken === 'replace' };
  });
  const flight = new PreFlight({ ...terms, at: 'begin', replaced: replacedBy(toCheck), maxListed: Infinity });
  for (const file of terms.present) flight.addPresent(file);
  for (const [index, file] of toCheck.entries()) {
    if (!(await turn(index, isWanted))) return null;
    flight.add(file);
  }
  const { findings } = flight.end(freeBytes);
  const byPath = Map.groupBy(findings.filter(isOfFile), ({ path }) => path);
  const checked = planned.map((file): CheckedFile => {
    const left = (byPath.get(file.as) ?? []).filter((problem) => !isTakenName(problem));
    return withOutcome({ ...file, left }, mayReplace);
  });
  const counts: Checked['counts'] = { fit: 0, renamed: 0, reason: 0, both: 0, blocked: 0 };
  for (const { problems, left } of checked) counts[needOf(problems, left)] += 1;
  return {
    of: { files, answers },
    files: checked,
    whole: findings.filter((problem) => problem.path === null && isBinding(problem)),
    later: findings.filter(({ verdict }) => verdict === 'later'),
    counts,
    open: checked.filter(({ outcome }) => outcome === 'open').length,
  };
}

type Planned = Pick<CheckedFile, 'chosen' | 'as' | 'offered' | 'problems' | 'taken' | 'reason'> & {
  answer: CheckAnswer;
};

/**
 * Chooses the name of each file: its own one, the corrected one, or another one to keep it beside the file that has its
 * name.
 */
async function plan(
  files: readonly ChosenFile[],
  terms: PreFlightTerms,
  answers: UploadAnswers,
  isWanted: () => boolean,
): Promise<Planned[] | null> {
  const check = arrivalChecks(terms.rules, terms.overrides);
  const strict = demandsStrictNames(terms.rules);
  const present = new Set(terms.present.map(({ path }) => nameKey(path)));
  const held = new Set(files.map(({ relativePath }) => nameKey(relativePath)));
  const planned: Planned[] = [];
  for (const [index, chosen] of files.entries()) {
    if (!(await turn(index, isWanted))) return null;
    const own = { path: chosen.relativePath, sizeBytes: chosen.file.size };
    const answer = answers.single.get(chosen.file) ?? {};
    const problems = check(own);
    const corrected = correctedPath(check, own, problems);
    // Never chooses a name that another file has, which would only cause the next problem.
    const isFree = corrected !== null && !held.has(nameKey(corrected)) && !present.has(nameKey(corrected));
    const offered = isFree ? corrected : null;
    const named = answer.as ?? (offered !== null && problems.some(isBinding) ? offered : own.path);
    const isTaken = present.has(nameKey(named));
    const choice = answer.onCollision ?? answers.onCollision ?? 'open';
    const isKept = isTaken && choice === 'keepBoth';
    const as = isKept ? freePath(named, (key) => held.has(key) || present.has(key), { strict }) : named;
    held.add(nameKey(as));
    const reason = answer.override ?? answers.override ?? '';
    planned.push({ chosen, as, offered, problems, taken: isTaken ? choice : null, reason, answer });
  }
  return planned;
}

function withOutcome(
  { answer, ...file }: Planned & Pick<CheckedFile, 'left'>,
  mayReplace: boolean,
): CheckedFile {
  const { left, taken } = file;
  const isOpen =
    isMisfit(left, file.reason.trim() || null) || taken === 'open' || (taken === 'replace' && !mayReplace);
  const outcome =
    answer.skip || taken === 'skip' ? 'skip' : isOpen ? 'open' : taken === 'replace' ? 'replace' : 'add';
  return { ...file, outcome };
}

/** Lets the page draw and react. Returns false when the result is no longer needed. */
async function turn(index: number, isWanted: () => boolean): Promise<boolean> {
  if (index % filesPerTurn === filesPerTurn - 1) await new Promise((resolve) => setTimeout(resolve));
  return isWanted();
}

/** Returns true when there is nothing to ask or to report. */
export function isGood({ files, whole, open }: Checked): boolean {
  return whole.length === 0 && open === 0 && files.every(isQuiet);
}

export function isBlocked({ whole, open }: Checked): boolean {
  return open > 0 || whole.some(({ verdict }) => verdict === 'blocking');
}

/** Returns answers that leave out the files that do not fit. */
export function skippingMisfits({ of: { answers }, files }: Checked): UploadAnswers {
  const misfits = files.filter(({ left, reason, outcome }) => {
    return outcome === 'open' && isMisfit(left, reason.trim() || null);
  });
  const skipped = misfits.map(({ chosen: { file } }) => {
    return [file, { ...answers.single.get(file), skip: true }] as const;
  });
  return { ...answers, single: new Map([...answers.single, ...skipped]) };
}

/** Returns the files to send, and how to send them. */
export function filesToSend({ files }: Checked): ChosenFile[] {
  return files
    .filter(({ outcome }) => outcome === 'add' || outcome === 'replace')
    .map(({ chosen, as, left, reason, outcome }) => ({
      ...chosen,
      relativePath: as,
      ...(outcome === 'replace' && { replace: true }),
      ...(left.some(({ verdict }) => verdict === 'overridable') && { override: reason.trim() }),
    }));
}

/** Returns true when the problem is that a file of the request has the name. */
function isTakenName({ rule, details }: RuleProblem): boolean {
  return rule === 'name_duplicate' && details.present === 1;
}

function isOfFile(problem: RuleProblem): problem is RuleProblem & { path: string } {
  return problem.path !== null;
}
