/** Files before their upload: checked by the rules of the request, renamed, left out, or overridden with a reason. */
import {
  PreFlight,
  replacedBy,
  type RuleProblem,
  type FileToCheck,
  type Override,
  type PreFlightReport,
} from '@turnover/domain/rules/pre-flight';
import type { PreFlightRule, RequestRules } from '@turnover/domain/rules/request-types';
import type { ChosenFile } from './target.ts';

export type PreFlightTerms = {
  rules: RequestRules;
  present: readonly FileToCheck[];
  overrides: readonly Override[];
};
type Chosen = readonly ChosenFile[];

/** Between so many the page is drawn and answers. */
const filesPerTurn = 250;

/**
 * What is to be said of the files as they are chosen and called now, of every one of them. `terms` null: the request asks for
 * nothing. Null as soon as the answer is not wanted any more.
 */
export async function judge(
  files: Chosen,
  terms: PreFlightTerms | null,
  freeBytes: number | null,
  isWanted = () => true,
) {
  const flown = files.map(({ file, relativePath, replace }) => {
    return { path: relativePath, sizeBytes: file.size, replace };
  });
  const known = terms ?? { rules: null, present: [], overrides: [] };
  const flight = new PreFlight({ ...known, at: 'begin', replaced: replacedBy(flown), maxListed: Infinity });
  for (const file of known.present) flight.addPresent(file);
  for (const [index, file] of flown.entries()) {
    if (index % filesPerTurn === filesPerTurn - 1) await new Promise((resolve) => setTimeout(resolve));
    if (!isWanted()) return null;
    flight.add(file);
  }
  return checkedAs(files, known.present, flight.end(freeBytes));
}

function checkedAs(
  files: Chosen,
  present: readonly FileToCheck[],
  { findings: found, counts }: PreFlightReport,
) {
  // A name that another file has is no offer: taking it would only be the next thing that does not fit.
  const held = new Set([
    ...files.map(({ relativePath }) => relativePath),
    ...present.map(({ path }) => path),
  ]);
  const findings = found.map((finding) =>
    finding.suggestion !== null && held.has(finding.suggestion) ? { ...finding, suggestion: null } : finding,
  );
  const binding = findings.filter(({ verdict }) => verdict === 'blocking' || verdict === 'overridable');
  const byPath = Map.groupBy(binding.filter(isOfFile), ({ path }) => path);
  return {
    files,
    /** Of each file that does not fit. */
    byPath,
    /** What cannot be put right at one file, such as too many of them. */
    whole: binding.filter(({ path }) => path === null),
    /** Names that files of the request have: these may make way. */
    taken: new Set(binding.filter(isTaken).flatMap(({ path }) => path ?? [])),
    later: findings.filter(({ verdict }) => verdict === 'later'),
    /** Pointed out, by file; the name offered for one need not be taken. */
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

/** Each by the name that is offered for it. */
export function withOfferedNames({ files, byPath, notes }: Checked): Chosen {
  return files.map((each) => {
    const { relativePath: path } = each;
    return { ...each, relativePath: suggestionFor(byPath, path) ?? suggestionFor(notes, path) ?? path };
  });
}

/** The one that knows most of what the name has to be goes first. */
const bestFirst: readonly PreFlightRule[] = [
  'unexpected_file',
  'name_pattern',
  'name_not_strict',
  'hidden_characters',
];

export function suggestionFor(byPath: Checked['byPath'], path: string): string | null {
  const offered = (byPath.get(path) ?? []).filter(({ suggestion }) => suggestion !== null);
  const best = bestFirst.flatMap((wanted) => offered.filter(({ rule }) => rule === wanted));
  return (best[0] ?? offered[0])?.suggestion ?? null;
}

/** In the place of the files that have their names. */
export function replacing(files: Chosen, paths: ReadonlySet<string>): Chosen {
  return files.map((each) => (paths.has(each.relativePath) ? { ...each, replace: true } : each));
}

export function without(files: Chosen, paths: ReadonlySet<string>): Chosen {
  return files.filter(({ relativePath }) => !paths.has(relativePath));
}

/** As they go: those that need it with their reason. */
export function withReason({ files, byPath }: Checked, reason: string): Chosen {
  const override = reason.trim();
  return files.map((each) => (byPath.has(each.relativePath) ? { ...each, override } : each));
}

function isTaken({ rule, details }: RuleProblem): boolean {
  return rule === 'name_duplicate' && details.present === 1;
}

function isOfFile(finding: RuleProblem): finding is RuleProblem & { path: string } {
  return finding.path !== null;
}
