/** Codes of authenticator apps: RFC 6238 with HMAC-SHA-1, 30 seconds and six digits, which all apps support. */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { codeStepMs } from '@turnover/domain/people/second-factors';

const digits = 6;
const letters = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567';

export function stepOf(timeMs: number): number {
  return Math.floor(timeMs / codeStepMs);
}

export function codeAt(key: Buffer, step: number): string {
  const counter = Buffer.alloc(8);
  counter.writeBigUInt64BE(BigInt(step));
  const mac = createHmac('sha1', key).update(counter).digest();
  const at = mac.at(-1)! & 15;
  const number = (mac.readUInt32BE(at) & 0x7fff_ffff) % 10 ** digits;
  return String(number).padStart(digits, '0');
}

/** The steps whose code this is, of those up to `around` away from `step`; the nearest first. */
export function stepsOfCode(key: Buffer, code: string, step: number, around: number): number[] {
  const steps = Array.from({ length: 2 * around + 1 }, (_, at) => step - around + at);
  return steps
    .filter((each) => isSame(codeAt(key, each), code))
    .sort((a, b) => Math.abs(a - step) - Math.abs(b - step));
}

function isSame(code: string, typed: string): boolean {
  const [one, other] = [Buffer.from(code), Buffer.from(typed)];
  return one.length === other.length && timingSafeEqual(one, other);
}

/** Base32 of RFC 4648, as apps expect the key. The length must be a multiple of five bytes. */
export function writeKey(key: Buffer): string {
  const bits = [...key].map((byte) => byte.toString(2).padStart(8, '0')).join('');
  return bits.replaceAll(/.{5}/g, (five) => letters[Number.parseInt(five, 2)]!);
}

export function readKey(text: string): Buffer {
  const bits = [...text].map((letter) => letters.indexOf(letter).toString(2).padStart(5, '0')).join('');
  return Buffer.from(bits.match(/.{8}/g)!.map((eight) => Number.parseInt(eight, 2)));
}
