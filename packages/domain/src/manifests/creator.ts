/** The creator of a checksum list, as the list states it. Nobody has verified the statement. */
import { z } from 'zod';

const maxLength = 200;
const maxPeople = 5;

export const manifestCreator = z.object({
  /** Name and version of the program. */
  tool: z.string().nullable(),
  /** The name of the machine. */
  host: z.string().nullable(),
  people: z.array(z.string()),
  /** When the program started to write the list, in epoch milliseconds. */
  at: z.number().nullable(),
  location: z.string().nullable(),
  comment: z.string().nullable(),
});
export type ManifestCreator = z.infer<typeof manifestCreator>;

export function nobody(): ManifestCreator {
  return { tool: null, host: null, people: [], at: null, location: null, comment: null };
}

export function isStated({ people, ...rest }: ManifestCreator): boolean {
  return people.length > 0 || Object.values(rest).some((value) => value !== null);
}

/** Returns the text as one line without control characters; null when nothing is left. */
export function statedText(text: string): string | null {
  const plain = text.replace(/[\p{C}\s]+/gu, ' ').trim();
  return plain === '' ? null : plain.slice(0, maxLength).toWellFormed();
}

export function addPerson(creator: ManifestCreator, text: string): void {
  const name = statedText(text);
  if (name === null || creator.people.includes(name) || creator.people.length === maxPeople) return;
  creator.people.push(name);
}

const latest = 253_402_300_799_999;

/** Parses an XML date and time. Without a zone it counts as UTC. */
export function statedTime(text: string): number | null {
  const written = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,9})?(Z|[+-]\d\d:?\d\d)?$/.exec(text.trim());
  if (!written) return null;
  // ST 429-8 allows `-00:00`, which `Date` does not accept as a zone.
  const zone = (written[1] ?? 'Z').replace(/^[+-]00:?00$/, 'Z');
  const time = Date.parse(text.trim().replace(/(Z|[+-]\d\d:?\d\d)$/, '') + zone);
  return Number.isFinite(time) && time >= 0 && time <= latest ? time : null;
}
