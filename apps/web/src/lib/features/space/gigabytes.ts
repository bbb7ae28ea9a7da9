/** Parses and formats storage limits as people type them: in decimal gigabytes, as everywhere on screen. */
const bytesOfGigabyte = 1e9;

/** Returns the bytes; null for no limit, undefined when the text is no size. */
export function readGigabytes(text: string): number | null | undefined {
  const typed = text.trim().replace(',', '.');
  if (typed === '') return null;
  if (!/^\d{1,6}(\.\d{1,3})?$/.test(typed)) return undefined;
  return Math.round(Number(typed) * bytesOfGigabyte);
}

export function writeGigabytes(bytes: number | null): string {
  return bytes === null ? '' : String(bytes / bytesOfGigabyte);
}
