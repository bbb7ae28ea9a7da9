/** The sources that the player can show of a file: the original when browsers can play it, and previews. */
import type { MediaReport } from '@turnover/domain/media/media-report';
import { playableOriginal, playsInBrowsers } from '@turnover/domain/media/playable';
import type { PreviewKind } from '@turnover/domain/media/previews';

type Shows = 'picture' | 'sound' | 'image';
export type PlayerSource = { shows: Shows; isOriginal: boolean; href: string };

/** A file of a request or of a Workspace. */
export type PlayedFile = {
  id: string;
  name: string;
  previews: readonly PreviewKind[];
  /** True when this person may see the original bytes. */
  mayShowOriginal: boolean;
};

export function previewHref(fileId: string, kind: PreviewKind | 'original'): string {
  return `/files/${fileId}?preview=${kind}`;
}

/** Returns the address of the file's thumbnail; undefined when it has none. */
export function thumbnailHref(file: Pick<PlayedFile, 'id' | 'previews'>): string | undefined {
  return file.previews.includes('thumbnail') ? previewHref(file.id, 'thumbnail') : undefined;
}

/** Returns the sources, best first; empty when there is nothing to play or look at. */
export function sourcesOf(file: PlayedFile, report: MediaReport | null): PlayerSource[] {
  const { id, name, previews } = file;
  const made = (kind: PreviewKind, shows: Shows): PlayerSource[] =>
    previews.includes(kind) ? [{ shows, isOriginal: false, href: previewHref(id, kind) }] : [];
  const original = playableOriginal(name);
  const plays = original !== null && file.mayShowOriginal && playsInBrowsers(name, report);
  const best = [
    ...(plays ? [{ shows: original.shows, isOriginal: true, href: previewHref(id, 'original') }] : []),
    ...made('proxy', 'picture'),
    ...made('sound', 'sound'),
  ];
  return best.length > 0 ? best : made('poster', 'image');
}
