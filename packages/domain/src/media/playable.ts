/**
 * Original files that browsers can show without a preview. The content types are a closed list: nothing in such a file
 * can run in a page.
 */
import type { MediaReport } from './media-report.ts';

type Playable = { type: string; shows: 'picture' | 'sound' | 'image' };

/**
 * Content types by extension. A Map, because an object would also find `constructor` for the file name `x.constructor`.
 */
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

/** Returns the content type that the original is shown as; null when it can only be downloaded. */
export function playableOriginal(name: string): Playable | null {
  const extension = /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
  return playable.get(extension) ?? null;
}

/** Returns true when browsers can play the codecs that inspection found. Without a report the name decides. */
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
