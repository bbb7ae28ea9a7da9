/** The title of the window carries how far the uploads are, for those who look at another tab. */

const percentFirst = /^\d+ % · /;

export function titleWithout(title: string): string {
  return title.replace(percentFirst, '');
}
