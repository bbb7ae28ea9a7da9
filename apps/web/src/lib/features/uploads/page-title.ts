/** Shows the progress of the uploads in the title of the window, for people in another tab. */

const percentFirst = /^\d+ % · /;

export function titleWithout(title: string): string {
  return title.replace(percentFirst, '');
}
