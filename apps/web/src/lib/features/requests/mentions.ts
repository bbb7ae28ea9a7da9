/** People named in a comment by @ and their name. */

export type Mentionable = { id: string; name: string };

const mostOffered = 6;

/** The ids of everybody whose name stands in the text behind an @; of `@Ana` and `@Ana Ruiz` the longer one. */
export function mentionedIn(text: string, people: readonly Mentionable[]): string[] {
  const byLength = people.toSorted((one, other) => other.name.length - one.name.length);
  const found = new Set<string>();
  let rest = text.toLowerCase();
  for (const { id, name } of byLength) {
    const mention = `@${name.toLowerCase()}`;
    if (!rest.includes(mention)) continue;
    found.add(id);
    rest = rest.replaceAll(mention, ' ');
  }
  return [...found];
}

/** Those who begin like what stands behind the last @, while it is being typed. */
export function offeredFor(text: string, people: readonly Mentionable[]): Mentionable[] {
  const begun = beginningOf(text);
  if (begun === null) return [];
  const offered = people.filter(({ name }) => {
    const lower = name.toLowerCase();
    return (
      lower !== begun &&
      lower.split(' ').some((_, index, words) => words.slice(index).join(' ').startsWith(begun))
    );
  });
  return offered.slice(0, mostOffered);
}

/** The text with the person in the place of what was begun, and a space to write on. */
export function completed(text: string, { name }: Mentionable): string {
  return `${text.slice(0, text.lastIndexOf('@'))}@${name} `;
}

function beginningOf(text: string): string | null {
  const [, begun] = /(?:^|\s)@([^@\n]{0,40})$/.exec(text) ?? [];
  return begun === undefined || begun.endsWith(' ') ? null : begun.toLowerCase();
}
