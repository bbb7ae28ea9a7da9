/** Finds another name when a name is taken. Requests and Workspaces share this rule. */
import { parseFrameName } from '../sequences/frame-names.ts';
import { lastSegment, nameKey, nameProblem } from './names.ts';

export type NumberedNameOptions = {
  kind?: 'file' | 'folder' | 'sequence';
  /** True when the name must be strict: it gets no spaces and brackets. */
  strict?: boolean;
};

/** `name (2).mov` for `name.mov`, or `name_2.mov` where names are strict. A frame keeps its number at the end. */
export function numberedName(
  name: string,
  number: number,
  { kind = 'file', strict = false }: NumberedNameOptions = {},
): string {
  const ending = kind === 'folder' ? /^(.+?)()$/s : endingOf(name, kind);
  const [, stem = name, extension = ''] = ending.exec(name) ?? [];
  return shortened(stem, `${strict ? `_${number}` : ` (${number})`}${extension}`);
}

/** Numbers the last name of a path with the first free number. `isTaken` is called with the `nameKey` of a path. */
export function freePath(
  path: string,
  isTaken: (key: string) => boolean,
  options: NumberedNameOptions = {},
): string {
  const name = lastSegment(path);
  const folder = path.slice(0, path.length - name.length);
  for (let number = 2; ; number++) {
    const candidate = folder + numberedName(name, number, options);
    if (!isTaken(nameKey(candidate))) return candidate;
  }
}

function endingOf(name: string, kind: 'file' | 'sequence'): RegExp {
  const isFrame = kind === 'sequence' || parseFrameName(name) !== null;
  return isFrame ? /^(.+?)([._ -]*(?:\d+|#+)\.[^.]*)$/s : /^(.+?)(\.[^.]*)?$/s;
}

/** Cuts the stem so that the ending fits. */
function shortened(stem: string, ending: string): string {
  const characters = [...stem];
  while (nameProblem(characters.join('') + ending) === 'too_long') characters.pop();
  return characters.join('') + ending;
}
