/** Converts a delivered file for the player. */
import type { DeliveredFileView } from '@turnover/domain/requests/files';
import type { PlayedFile } from '#lib/player/player-source.ts';

export function playedFileOf({ id, name, previews, possible, removal }: DeliveredFileView): PlayedFile {
  return { id, name, previews, mayShowOriginal: possible.download === null && removal === null };
}
