/** Explains why a program made no preview: the machine or our limits, which is no fault of the file, or the program's own words. */
import { plainLine } from '@turnover/domain/media/stage-words';
import type { StageSkipReason } from '@turnover/domain/media/stages';
import type { ProgramEnd } from '../run-program.ts';

type LimitReason = Extract<StageSkipReason, 'preview_too_slow' | 'no_space' | 'no_memory'>;
export type Missing = { reason: LimitReason } | { said: string };

const spaceWords = /no space left|disk quota exceeded|file too large/i;
const memoryWords = /cannot allocate|out of memory|bad_alloc|malloc of size/i;
/** Exit codes for: program not found, not executable (both as a shell reports them), and ffmpeg ended by a signal. */
const neverOfTheFile: readonly (number | null)[] = [null, 126, 127, 255];

/** Throws when the program was killed or could not be started, so that the stage is retried. */
export function whyMissing({ code, signal, tookTooLong, errors }: ProgramEnd): Missing {
  if (tookTooLong || signal === 'SIGXCPU') return { reason: 'preview_too_slow' };
  if (signal === 'SIGXFSZ' || spaceWords.test(errors)) return { reason: 'no_space' };
  if (memoryWords.test(errors)) return { reason: 'no_memory' };
  if (neverOfTheFile.includes(code))
    throw new Error(
      `The program for previews was ended: ${signal ?? code ?? 'not started'} ${errors}`.trim(),
    );
  return { said: firstError(errors) };
}

/** Removes the path and the memory address of the demuxer from a line of ffmpeg. */
function firstError(errors: string): string {
  const line = errors.split('\n').find((each) => each.trim() !== '') ?? '';
  const plain = plainLine(line.replace(/^(\[[^\]]*\] ?)+/, '').replace(/(file:)?\/\S+/g, '…')).trim();
  return plain.slice(0, 160) || 'no error message';
}
