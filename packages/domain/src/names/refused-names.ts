/** The error for an impossible name: the name in visible form, the reason, and a suggestion. */
import { HubError } from '../errors.ts';
import { describeNameProblem, maxNameBytes, parseRelativePath, type NameProblem } from './names.ts';
import { cleanName, cleanPath } from './clean-names.ts';
import { hiddenIn, visibleName } from './hidden-characters.ts';

const maxTold = 255;

/**
 * Creates the error. `path` is the whole path that contains the name; the suggestion then corrects its other parts as
 * well.
 */
export function nameInvalid(name: string, problem: NameProblem, path?: string): HubError {
  const suggestion = problem === 'too_deep' ? null : cleanName(name);
  const characters = [...new Set(hiddenIn(name).map(({ label }) => label))].join(', ');
  const bytes = new TextEncoder().encode(name).length;
  const sentences = [
    describeNameProblem(problem),
    problem === 'too_long' && `It has ${bytes} bytes, ${bytes - maxNameBytes} too many.`,
    problem === 'control' && `It contains ${characters}.`,
    suggestion !== null && `It could be called “${suggestion}”.`,
  ];
  return new HubError('name_invalid', sentences.filter(Boolean).join(' '), {
    name: [...visibleName(name)].slice(0, maxTold).join(''),
    problem,
    ...(suggestion !== null && { suggestion }),
    ...(suggestion !== null && path?.includes('/') && { suggestedPath: cleanPath(path) }),
    ...(problem === 'too_long' && { bytes, most: maxNameBytes, over: bytes - maxNameBytes }),
    ...(problem === 'control' && { characters }),
  });
}

/** Returns the folders and the name of the path. Throws `name_invalid` for names that are not allowed. */
export function requireRelativePath(path: string): string[] {
  const parsed = parseRelativePath(path);
  if ('problem' in parsed) throw nameInvalid(parsed.segment, parsed.problem, path);
  return parsed.segments;
}
