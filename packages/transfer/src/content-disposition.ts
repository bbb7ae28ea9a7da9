// The Content-Disposition header of a download (RFC 6266): an ASCII name for old programs and the real name beside it.

/** Accepts any text: no name can end the header or start another one. */
export function contentDisposition(fileName: string, how: 'attachment' | 'inline' = 'attachment'): string {
  const name = fileName.toWellFormed();
  const ascii = asciiName(name);
  const simple = `${how}; filename="${ascii}"`;
  return ascii === name ? simple : `${simple}; filename*=UTF-8''${encodeExtended(name)}`;
}

// Also replaces percent signs, because some browsers decode them in the plain form.
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

// RFC 8187 allows fewer characters than encodeURIComponent leaves unescaped.
function encodeExtended(name: string): string {
  return encodeURIComponent(name).replace(
    /['()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}
