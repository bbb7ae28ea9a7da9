// The Content-Disposition header for a download (RFC 6266): an ASCII name for old programs and the true one beside it.

/** Any text is safe to pass: nothing in it can end the header or begin another. */
export function contentDisposition(fileName: string): string {
  const name = fileName.toWellFormed();
  const ascii = asciiName(name);
  const simple = `attachment; filename="${ascii}"`;
  return ascii === name ? simple : `${simple}; filename*=UTF-8''${encodeExtended(name)}`;
}

// A percent sign goes too: some browsers decode it in the plain form.
function asciiName(name: string): string {
  const ascii = name
    .normalize('NFKD')
    .replace(/\p{Mark}/gu, '')
    .replace(/[^\x20-\x7e]/gu, '_')
    .replace(/["\\%]/g, '_');
  const extension = /\.[A-Za-z0-9]{1,16}$/.exec(ascii)?.[0] ?? '';
  const stem = ascii.slice(0, ascii.length - extension.length);
  return /[^_\s.]/.test(stem) ? ascii : `download${extension}`;
}

// RFC 8187 allows fewer characters than encodeURIComponent leaves alone.
function encodeExtended(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
