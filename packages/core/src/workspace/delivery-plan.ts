/**
 * Plans a delivery from a Workspace: for each file its name in the request, its problems, the present file with the same
 * name, and the outcome of the answers. The check shows the plan and adding carries it out, so both always agree.
 */
import type { Reader } from '@turnover/db/open';
import { decide } from '@turnover/domain/people/permissions';
import { nameKey } from '@turnover/domain/names/names';
import { freePath } from '@turnover/domain/names/numbered-names';
import { requireRelativePath } from '@turnover/domain/names/refused-names';
import { refuseAction, type Refusal } from '@turnover/domain/requests/actions';
import type { DeliveryAnswers, DeliveryOutcome } from '@turnover/domain/requests/from-workspace';
import { arrivalChecks, correctedPath, isMisfit, type RuleProblem } from '@turnover/domain/rules/pre-flight';
import { isBinding } from '@turnover/domain/rules/rule-codes';
import { demandsStrictNames } from '@turnover/domain/rules/request-types';
import { relationTo, seesOwnFilesOnly, type DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { areCorrectable } from '../manifests/state.ts';
import { keysOfPath, type PathKeys } from '../requests/files/add.ts';
import { hasLiveStage } from '../requests/files/remove.ts';
import {
  sameBytesAmong,
  takenNames,
  type TakenName,
  type TakingFile,
} from '../requests/files/taken-names.ts';
import { overridesOf } from '../requests/rule-overrides.ts';
import { contentFacts } from '../requests/transitions.ts';
import { rulesOf } from '../requests/types.ts';
import type { SelectedFile } from './selected-files.ts';

export type PlannedName = {
  by: TakenName['by'] | 'selection' | 'cleared';
  /** The file that has the name. Null when it is not a file, or when the person may not see it. */
  file: TakingFile | null;
  whyNotReplace: Refusal | null;
};

export type PlannedFile = SelectedFile & {
  /** The path of the file in the request. */
  as: string;
  keys: PathKeys;
  offered: string | null;
  /** The problems under its path in the Workspace, and those that remain under `as`. */
  problems: RuleProblem[];
  left: RuleProblem[];
  taken: PlannedName | null;
  /** The reason that overrides the remaining problems; null without an override. */
  override: string | null;
  outcome: DeliveryOutcome;
};

export type DeliveryTerms = { answers: DeliveryAnswers; clearExisting: boolean };

export const noAnswers: DeliveryAnswers = {
  files: [],
  onCollision: 'refuse',
  useOfferedNames: false,
  skipMisfits: false,
};

/** Yields after each file, so that the caller can let other work run, or run it to the end inside a transaction. */
export function* planDelivery(
  db: Reader,
  ctx: Pick<PersonContext, 'person'>,
  request: DeliveryRequest,
  files: readonly SelectedFile[],
  terms: DeliveryTerms,
): Generator<void, PlannedFile[], void> {
  const check = arrivalChecks(rulesOf(db, request), overridesOf(db, request.id));
  const answers = new Map(terms.answers.files.map((answer) => [answer.entryId, answer]));
  const ownKeys = new Set<string>();
  for (const { path } of files) {
    ownKeys.add(nameKey(path));
    yield;
  }
  const named = [];
  for (const file of files) {
    const problems = check(file);
    const corrected = correctedPath(check, file, problems);
    // Offers no name that another selected file has.
    const offered = corrected === null || ownKeys.has(nameKey(corrected)) ? null : corrected;
    const usesOffered = terms.answers.useOfferedNames && problems.some(isBinding);
    const as = answers.get(file.entryId)?.as ?? ((usesOffered && offered) || file.path);
    requireRelativePath(as);
    named.push({ file, problems, offered, as, key: nameKey(as) });
    yield;
  }
  const taken = takenNames(
    db,
    request.id,
    named.map(({ key }) => key),
  );
  yield;
  const colliding = named.filter(({ key }) => taken.has(key)).map(({ file }) => file);
  const names = new Names(db, ctx, request, { taken, colliding, isClearing: terms.clearExisting });
  for (const { key } of named) names.reserve(key);
  const planned: PlannedFile[] = [];
  for (const { file, problems, offered, as: wanted } of named) {
    const answer = answers.get(file.entryId);
    const choice = answer?.onCollision ?? terms.answers.onCollision;
    const hit = names.hit(nameKey(wanted));
    const isThere = choice !== 'keepBoth' && hit !== null && names.isSame(hit, file, wanted);
    const as = isTaken(hit) && choice === 'keepBoth' ? names.free(wanted) : wanted;
    const left = as === file.path ? problems : check({ ...file, path: as });
    const override = answer?.override ?? terms.answers.override ?? null;
    const isOpenName =
      isTaken(hit) && (choice === 'refuse' || (choice === 'replace' && hit.whyNotReplace !== null));
    const outcome = ((): DeliveryOutcome => {
      if (answer?.skip) return 'skip';
      if (isThere) return 'there';
      if (isTaken(hit) && choice === 'skip') return 'skip';
      if (isMisfit(left, override)) return terms.answers.skipMisfits ? 'skip' : 'open';
      if (isOpenName) return 'open';
      return isTaken(hit) && choice === 'replace' ? 'replace' : 'add';
    })();
    const keys = keysOfPath(as);
    if (outcome !== 'skip' && outcome !== 'there') names.use(keys.pathKey);
    planned.push({ ...file, as, keys, offered, problems, left, taken: hit, override, outcome });
    yield;
  }
  return planned;
}

/** Makes the whole plan without a pause. For a transaction, when something was written since the plan was made. */
export function planAtOnce(...args: Parameters<typeof planDelivery>): PlannedFile[] {
  const work = planDelivery(...args);
  for (;;) {
    const step = work.next();
    if (step.done) return step.value;
  }
}

function isTaken(hit: PlannedName | null): hit is PlannedName {
  return hit !== null && hit.by !== 'cleared';
}

/** `colliding`: the selected files whose names are taken. `taken`: what has those names. */
type Colliding = { taken: ReadonlyMap<string, TakenName>; colliding: readonly SelectedFile[] };

/** Knows the names that are in use, in the request and in the selection. */
class Names {
  readonly #db: Reader;
  readonly #ctx: Pick<PersonContext, 'person'>;
  readonly #request: DeliveryRequest;
  readonly #taken: ReadonlyMap<string, TakenName>;
  readonly #isClearing: boolean;
  readonly #isOwnOnly: boolean;
  readonly #whyNotReplace: Refusal | null;
  readonly #areSame: ReturnType<typeof sameBytesAmong>;
  readonly #wanted = new Set<string>();
  readonly #used = new Set<string>();

  constructor(
    db: Reader,
    ctx: Pick<PersonContext, 'person'>,
    request: DeliveryRequest,
    { taken, colliding, isClearing }: Colliding & { isClearing: boolean },
  ) {
    this.#db = db;
    this.#ctx = ctx;
    this.#request = request;
    this.#taken = taken;
    this.#isClearing = isClearing;
    this.#isOwnOnly = seesOwnFilesOnly(db, ctx.person, request.projectId);
    const files = [...taken.values()].flatMap(({ file }) => file ?? []);
    this.#whyNotReplace = whyNotReplace(db, ctx, request, files);
    this.#areSame = sameBytesAmong(db, [...files, ...colliding]);
  }

  /** Keeps the name for a file of the selection, so that `free` gives it to no other. */
  reserve(key: string): void {
    this.#wanted.add(key);
  }

  use(key: string): void {
    this.#used.add(key);
  }

  hit(key: string): PlannedName | null {
    if (this.#used.has(key)) return { by: 'selection', file: null, whyNotReplace: nameIsTaken };
    const taken = this.#taken.get(key);
    if (!taken) return null;
    const { by, file } = taken;
    if (by === 'upload') return { by, file, whyNotReplace: nameIsTaken };
    const visible = file && (!this.#isOwnOnly || file.deliveredBy === this.#ctx.person.id) ? file : null;
    if (this.#isClearing) return { by: 'cleared', file: visible, whyNotReplace: null };
    return { by, file: visible, whyNotReplace: by === 'file' ? this.#whyNotReplace : nameIsTaken };
  }

  isSame({ by, file }: PlannedName, selected: SelectedFile, path: string): boolean {
    return by === 'file' && file?.path === path && this.#areSame(selected, file);
  }

  free(path: string): string {
    const isTaken = (key: string) => this.#used.has(key) || this.#wanted.has(key) || this.#isInRequest(key);
    return freePath(path, isTaken, { strict: demandsStrictNames(rulesOf(this.#db, this.#request)) });
  }

  #isInRequest(key: string): boolean {
    const taken = takenNames(this.#db, this.#request.id, [key]).get(key);
    return taken !== undefined && (!this.#isClearing || taken.by === 'upload');
  }
}

const nameIsTaken: Refusal = { code: 'name_taken', details: {} };

/** The reason why the files cannot be replaced; null when they can. Either all are replaced or none, as in `addFiles`. */
function whyNotReplace(
  db: Reader,
  { person }: Pick<PersonContext, 'person'>,
  request: DeliveryRequest,
  files: readonly TakingFile[],
): Refusal | null {
  if (decide('file:remove', relationTo(db, person, request)) !== 'granted') {
    return { code: 'forbidden', details: { permission: 'file:remove' } };
  }
  if (files.length === 0) return null;
  const facts = contentFacts(request);
  const withChecksum = facts.withChecksum && !areCorrectable(db, files);
  const isProcessing = hasLiveStage(db, request, { fileIds: files.map(({ id }) => id) });
  return refuseAction('remove', { ...facts, withChecksum, isProcessing });
}
