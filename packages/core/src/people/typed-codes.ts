/** Codes that people read and type. */
import { randomInt } from 'node:crypto';
import { hashSecret } from '../secrets.ts';

/** Crockford's alphabet, in which no two characters look alike: five bits each. */
const letters = '0123456789ABCDEFGHJKMNPQRSTVWXYZ';
const groupLength = 4;

/** Returns a random code in groups of four: ABCD-EFGH. */
export function newTypedCode(length: number): string {
  const code = Array.from({ length }, () => letters[randomInt(letters.length)]).join('');
  return code.match(new RegExp(`.{1,${groupLength}}`, 'g'))!.join('-');
}

/** Reads what people type: small letters, spaces, O as 0, I and L as 1. */
export function readTypedCode(typed: string): string {
  return typed
    .toUpperCase()
    .replaceAll(/[^0-9A-Z]/g, '')
    .replaceAll('O', '0')
    .replaceAll(/[IL]/g, '1');
}

/** Hashes the code with the person's id, so that it works for no other account. */
export function hashTypedCode(userId: string, typed: string): string {
  return hashSecret(`${userId} ${readTypedCode(typed)}`);
}
