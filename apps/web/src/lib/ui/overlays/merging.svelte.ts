/**
 * Merges an edit with one that somebody else made meanwhile: shows for each field the person's value and the stored
 * value, and lets them choose. Nothing is saved before that.
 */
import { reportOf } from '#lib/reported-error.ts';

/** One field of a form about a stored thing. */
export type EditField<Stored> = {
  label: string;
  stored: (from: Stored) => unknown;
  mine: () => unknown;
  /** Puts the value into the form. */
  take: (value: never) => void;
  words: (value: never) => string;
};

/** Creates a field, so that its functions agree on the type of the value. */
export function editField<Stored, Value>(field: {
  label: string;
  stored: (from: Stored) => Value;
  mine: () => Value;
  take: (value: Value) => void;
  words: (value: Value) => string;
}): EditField<Stored> {
  return field;
}

export type Edits<Stored> = {
  /** Returns the thing as the page shows it. */
  shown: () => Stored;
  /** Returns the thing as it is stored now. */
  latest: () => Promise<Stored>;
  fields: readonly EditField<Stored>[];
};

export type Choice = 'mine' | 'theirs';

export type Difference = {
  label: string;
  words: Record<Choice, string>;
  /** True when the person did not touch the field, so that the form took the stored value. */
  isTaken: boolean;
  choice: Choice | null;
};

type Found<Stored> = { field: EditField<Stored>; mine: unknown; theirs: unknown };

export class Merging<Stored> {
  /** The version to save against: the thing when the form was opened, or when somebody's edit was last shown. */
  #seen = $state.raw<Stored>();
  #found: Found<Stored>[] = [];
  differences = $state<Difference[]>([]);
  /** Who edited it last; null for somebody whose name the person may not know. */
  by = $state.raw<string | null>(null);
  isOwn = $state.raw(false);

  get seen(): Stored | undefined {
    return this.#seen;
  }

  begin(seen: Stored | undefined): void {
    this.#seen = seen;
    this.#found = [];
    this.differences = [];
  }

  /** True while a choice is missing. A field that was edited again in the form counts as chosen. */
  get isOpen(): boolean {
    return this.differences.some(
      ({ choice }, index) =>
        choice === null && same(this.#found[index]!.field.mine(), this.#found[index]!.mine),
    );
  }

  choose(index: number, choice: Choice): void {
    const found = this.#found[index]!;
    this.differences[index]!.choice = choice;
    found.field.take(found[choice] as never);
  }

  /**
   * Takes the stored version after a save was refused because of somebody's edit. Returns false when that edit does not
   * affect the form, so that it can be saved at once.
   */
  meet(edits: Edits<Stored>, latest: Stored, error: unknown): boolean {
    const before = this.#seen;
    const details = reportOf(error)?.details;
    this.by = typeof details?.by === 'string' ? details.by : null;
    this.isOwn = details?.byYou === true;
    this.#seen = latest;
    const changed = edits.fields
      .map((field) => ({ field, mine: field.mine(), theirs: field.stored(latest) }))
      .filter(({ field, mine, theirs }) => {
        const isChanged = before === undefined || !same(field.stored(before), theirs);
        return isChanged && !same(mine, theirs);
      });
    this.#found = changed;
    this.differences = changed.map(({ field, mine, theirs }) => {
      const isTaken = before !== undefined && same(field.stored(before), mine);
      if (isTaken) field.take(theirs as never);
      const words = { mine: field.words(mine as never), theirs: field.words(theirs as never) };
      return { label: field.label, words, isTaken, choice: isTaken ? 'theirs' : null };
    });
    return changed.length > 0;
  }
}

/** Returns true when a save was refused because somebody edited the thing since it was opened. */
export function isEditedMeanwhile(error: unknown): boolean {
  const report = reportOf(error);
  return report?.code === 'changed_meanwhile' && report.details?.what === 'edited';
}

function same(one: unknown, other: unknown): boolean {
  return JSON.stringify(one) === JSON.stringify(other);
}
