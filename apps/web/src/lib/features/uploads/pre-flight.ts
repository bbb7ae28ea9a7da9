/** Files before their upload: checked by the rules of the request, renamed, left out, or overridden with a reason. */
import {
  bestSuggestion,
  isBinding,
  PreFlight,
  replacedBy,
  type RuleProblem,
  type FileToCheck,
  type Override,
  type PreFlightReport,
} from '@turnover/domain/rules/pre-flight';
import type { RequestRules } from '@turnover/domain/rules/request-types';
import type { ChosenFile } from './target.ts';

export type PreFlightTerms = {
  rules: RequestRules;
  present: readonly FileToCheck[];
  overrides: readonly Override[];
};
type Chosen = readonly ChosenFile[];

/** After this many files the page gets a turn to draw and react. */
const filesPerTurn = 250;

/**
 * Checks all chosen files under their present names. `terms` null: the request has no rules. Returns null when the
 * result is no longer wanted.
 */
export async function checkFiles(
  files: Chosen,
  terms: PreFlightTerms | null,
  freeBytes: number | null,
  isWanted = () => true,
) {
  const toCheck = files.map(({ file, relativePath, replace }) => {
    return { path: relativePath, sizeBytes: file.size, replace };
  });
  const known = terms ?? { rules: null, present: [], overrides: [] };
  const preFlight = new PreFlight({
    ...known,
    at: 'begin',
    replaced: replacedBy(toCheck),
    maxListed: Infinity,
  });
  for (const file of known.present) preFlight.addPresent(file);
  for (const [index, file] of toCheck.entries()) {
    if (index % filesPerTurn === filesPerTurn - 1) await new Promise((resolve) => setTimeout(resolve));
    if (!isWanted()) return null;
    preFlight.add(file);
  }
  return checkedAs(files, known.present, preFlight.end(freeBytes));
}

function checkedAs(
  files: Chosen,
  present: readonly FileToCheck[],
  { findings: found, counts }: PreFlightReport,
) {
  // Do not suggest a name that another file has: taking it would only cause the next problem.
  const held = new Set([
    ...files.map(({ relativePath }) => relativePath),
    ...present.map(({ path }) => path),
  ]);
  const findings = found.map((problem) =>
    problem.suggestion !== null && held.has(problem.suggestion) ? { ...problem, suggestion: null } : problem,
  );
  const binding = findings.filter(isBinding);
  const byPath = Map.groupBy(binding.filter(isOfFile), ({ path }) => path);
  return {
    files,
    /** The problems of each file that does not fit. */
    byPath,
    /** Problems that belong to no single file, such as too many files. */
    whole: binding.filter(({ path }) => path === null),
    /** Names that files of the request have; the upload may replace those files. */
    taken: new Set(binding.filter(isTaken).flatMap(({ path }) => path ?? [])),
    later: findings.filter(({ verdict }) => verdict === 'later'),
    /** Warnings by file; a suggested name is optional. */
    notes: Map.groupBy(
      findings.filter(({ verdict }) => verdict === 'note').filter(isOfFile),
      ({ path }) => path,
    ),
    fine: files.length - byPath.size,
    isGood: counts.blocking + counts.overridable + counts.note === 0,
    isBlocked: counts.blocking > 0,
    needsReason: counts.overridable > 0,
  };
}
export type Checked = ReturnType<typeof checkedAs>;

export function renamed(files: Chosen, path: string, to: string): Chosen {
  return files.map((each) => (each.relativePath === path ? { ...each, relativePath: to } : each));
}

/** Gives each file its suggested name. */
export function withOfferedNames({ files, byPath, notes }: Checked): Chosen {
  return files.map((each) => {
    const { relativePath: path } = each;
    return { ...each, relativePath: suggestionFor(byPath, path) ?? suggestionFor(notes, path) ?? path };
  });
}

export function suggestionFor(byPath: Checked['byPath'], path: string): string | null {
  return bestSuggestion(byPath.get(path) ?? []);
}

/** Replaces the files of the request that have these names. */
export function replacing(files: Chosen, paths: ReadonlySet<string>): Chosen {
  return files.map((each) => (paths.has(each.relativePath) ? { ...each, replace: true } : each));
}

export function without(files: Chosen, paths: ReadonlySet<string>): Chosen {
  return files.filter(({ relativePath }) => !paths.has(relativePath));
}

/** Adds the reason to the files that need one. */
export function withReason({ files, byPath }: Checked, reason: string): Chosen {
  const override = reason.trim();
  return files.map((each) => (byPath.has(each.relativePath) ? { ...each, override } : each));
}

function isTaken({ rule, details }: RuleProblem): boolean {
  return rule === 'name_duplicate' && details.present === 1;
}

function isOfFile(problem: RuleProblem): problem is RuleProblem & { path: string } {
  return problem.path !== null;
}
