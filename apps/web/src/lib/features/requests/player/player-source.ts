/** What the player shows of a file: the original where browsers play it, or a preview. */
import type { MediaReport } from '@turnover/domain/media/media-report';
import { playableOriginal, playsInBrowsers } from '@turnover/domain/media/playable';
import type { PreviewKind } from '@turnover/domain/media/previews';
import type { DeliveredFileView } from '@turnover/domain/requests/files';

type Shows = 'picture' | 'sound' | 'image';
export type PlayerSource = { shows: Shows; isOriginal: boolean; href: string };

type ShownFile = Pick<DeliveredFileView, 'id' | 'name' | 'previews' | 'removal'> & {
  possible: Pick<DeliveredFileView['possible'], 'download'>;
};

export function previewHref(fileId: string, kind: PreviewKind): string {
  return `/files/${fileId}?preview=${kind}`;
}

/** Best first. Empty: there is nothing to play or look at. */
export function sourcesOf(file: ShownFile, report: MediaReport | null): PlayerSource[] {
  const { id, name, previews } = file;
  const made = (kind: PreviewKind, shows: Shows): PlayerSource[] =>
    previews.includes(kind) ? [{ shows, isOriginal: false, href: previewHref(id, kind) }] : [];
  const original = playableOriginal(name);
  const mayPlay = original !== null && file.possible.download === null && file.removal === null;
  const plays = mayPlay && playsInBrowsers(name, report);
  const moving = [
    ...(plays ? [{ shows: original.shows, isOriginal: true, href: `/files/${id}?preview=original` }] : []),
    ...made('proxy', 'picture'),
    ...made('sound', 'sound'),
  ];
  return moving.length > 0 ? moving : made('poster', 'image');
}
