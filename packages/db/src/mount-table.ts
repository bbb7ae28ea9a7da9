/** Decodes a path of the system's mount tables, which write spaces and similar characters as `\040`. */
export function unescapeMountPoint(text: string): string {
  return text.replaceAll(/\\(\d{3})/g, (_, octal: string) => String.fromCharCode(parseInt(octal, 8)));
}
