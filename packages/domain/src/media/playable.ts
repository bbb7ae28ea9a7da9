/** Originals that browsers show as they are. The types are a closed list: nothing in such a file can run in a page. */
import type { MediaReport } from './media-report.ts';

type Playable = { type: string; shows: 'picture' | 'sound' | 'image' };

/** A Map, because `x.constructor` is a possible file name. */
const playable = new Map<string, Playable>([
  ['mp4', { type: 'video/mp4', shows: 'picture' }],
  ['m4v', { type: 'video/mp4', shows: 'picture' }],
  ['webm', { type: 'video/webm', shows: 'picture' }],
  ['wav', { type: 'audio/wav', shows: 'sound' }],
  ['mp3', { type: 'audio/mpeg', shows: 'sound' }],
  ['m4a', { type: 'audio/mp4', shows: 'sound' }],
  ['flac', { type: 'audio/flac', shows: 'sound' }],
  ['jpg', { type: 'image/jpeg', shows: 'image' }],
  ['jpeg', { type: 'image/jpeg', shows: 'image' }],
  ['png', { type: 'image/png', shows: 'image' }],
  ['webp', { type: 'image/webp', shows: 'image' }],
  ['gif', { type: 'image/gif', shows: 'image' }],
  ['avif', { type: 'image/avif', shows: 'image' }],
]);

/** The type that the original is shown as; null: it can only be downloaded. */
export function playableOriginal(name: string): Playable | null {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return playable.get(extension) ?? null;
}

/** Whether browsers play what inspection found in it. Without a report nobody knows, so the name decides. */
export function playsInBrowsers(name: string, report: MediaReport | null): boolean {
  const original = playableOriginal(name);
  if (original === null) return false;
  if (report === null || original.shows === 'image') return true;
  return report.tracks.every((track) => {
    if (track.kind === 'picture') return /^(avc|h\.?264|vp[89]|av1)/i.test(track.codec ?? '');
    if (track.kind === 'sound') return /^(pcm|aac|mpeg audio|flac|opus|vorbis)/i.test(track.codec ?? '');
    return true;
  });
}
