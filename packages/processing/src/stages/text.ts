/** Checks the times, texts and language of subtitles. */
import { openFile } from '../inspect/source.ts';
import { countedProblems, type Stage } from '../stage.ts';
import { checkTextFile, maxTextBytes } from '../text/text-file.ts';

export const text: Stage = async ({ path, name, sizeBytes, wanted }) => {
  if (sizeBytes === 0) return { kind: 'skipped', reason: 'empty_file' };
  if (sizeBytes > maxTextBytes) return { kind: 'skipped', reason: 'not_inspected' };
  const file = openFile(path);
  try {
    const bytes = file.limitedTo(maxTextBytes).read(0, maxTextBytes);
    const checked = checkTextFile(bytes, { name, frameRates: wanted?.frameRates ?? [] });
    if (checked === null) return { kind: 'skipped', reason: 'not_inspected' };
    const { facts, problems } = checked;
    return {
      kind: 'done',
      facts,
      ...countedProblems(problems),
    };
  } finally {
    file.close();
  }
};
