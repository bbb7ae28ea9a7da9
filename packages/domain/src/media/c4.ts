/** C4 IDs (SMPTE ST 2114): SHA-512 in base 58. */
const letters = '123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz';

/** Returns the C4 ID of a SHA-512 that is given in hexadecimal digits. */
export function c4Id(sha512: string): string {
  let rest = BigInt(`0x${sha512}`);
  let id = '';
  for (; rest > 0n; rest /= 58n) id = letters[Number(rest % 58n)] + id;
  return `c4${id.padStart(88, '1')}`;
}

/** Returns the SHA-512, in hexadecimal digits, that a C4 ID stands for. */
export function c4Digest(id: string): string {
  let value = 0n;
  for (const letter of id.slice(2)) value = value * 58n + BigInt(letters.indexOf(letter));
  return value.toString(16).padStart(128, '0');
}
