/**
 * The media properties that a request type asks for, in people's notation: `48 kHz`, `24 bit`, `3840×2160`, `ProRes 422
 * HQ`.
 */
import { z } from 'zod';
import { lineOfText } from '../names/lines.ts';

const texts = z.array(lineOfText(60)).max(30).default([]);

/**
 * Shown to the people who deliver; processing compares it with the result of inspection. An empty list asks for
 * nothing.
 */
export const mediaProperties = z.object({
  codecs: texts,
  resolutions: texts,
  frameRates: texts,
  sampleRates: texts,
  bitDepths: texts,
  channelLayouts: texts,
  /** Of sound and subtitles, as BCP 47 tags. */
  languages: texts,
});
export type WantedMedia = z.infer<typeof mediaProperties>;

export function asksOfMedia(wanted: WantedMedia | undefined): boolean {
  return wanted !== undefined && Object.values(wanted).some((wishes) => wishes.length > 0);
}
