// Cuts the body of a bundle into its files: a line of JSON, then as many bytes as it says, and so on.
import { HubError } from '@turnover/domain/errors';
import {
  bundledFileInput,
  maxBundleBytes,
  maxBundledFileBytes,
  maxBundleFiles,
  maxBundleHeadBytes,
  type BundledFileInput,
} from '@turnover/domain/workspace/bundles';
import { ProtocolViolation } from './refusal.ts';

const lineEnd = 0x0a;

/** The lines before the files are not counted into what a bundle may have. */
const linesBytes = maxBundleFiles * 1024;

export function requireBundleSize(bytes: number): void {
  if (bytes <= maxBundleBytes + linesBytes) return;
  throw new HubError('too_large', `A bundle has at most ${maxBundleBytes} bytes.`, {
    maxBytes: maxBundleBytes,
  });
}

export class BundleReader {
  readonly #onFile: (input: BundledFileInput, bytes: Buffer) => void;
  /** The beginning of a line that has not ended yet. */
  #line: Buffer[] = [];
  #lineBytes = 0;
  /** The file being read; null while a line is. */
  #file: { input: BundledFileInput; bytes: Buffer; filledTo: number } | null = null;
  #files = 0;
  #bytes = 0;

  constructor(onFile: (input: BundledFileInput, bytes: Buffer) => void) {
    this.#onFile = onFile;
  }

  /** Throws when the body is no bundle, or larger than one may be. Files before that were passed on. */
  accept(piece: Buffer): void {
    this.#bytes += piece.length;
    requireBundleSize(this.#bytes);
    for (let at = 0; at < piece.length;)
      at += this.#file === null ? this.#readLine(piece, at) : this.#readBytes(piece, at);
  }

  /** Throws when the body ends within a file. */
  end(): void {
    if (this.#file !== null || this.#lineBytes > 0) throw invalid(this.#files, 'the body ends within it.');
  }

  #readLine(piece: Buffer, from: number): number {
    const end = piece.indexOf(lineEnd, from);
    const part = piece.subarray(from, end === -1 ? piece.length : end);
    this.#lineBytes += part.length;
    if (this.#lineBytes > maxBundleHeadBytes) throw invalid(this.#files, 'the line before it is too long.');
    // The piece is somebody else's memory.
    this.#line.push(Buffer.from(part));
    if (end === -1) return part.length;
    const line = Buffer.concat(this.#line);
    this.#line = [];
    this.#lineBytes = 0;
    this.#beginFile(line);
    return part.length + 1;
  }

  #beginFile(line: Buffer): void {
    if (this.#files >= maxBundleFiles) {
      throw new HubError('too_large', `A bundle has at most ${maxBundleFiles} files.`, {
        maxFiles: maxBundleFiles,
      });
    }
    const input = readHead(line, this.#files);
    this.#file = { input, bytes: Buffer.allocUnsafeSlow(input.sizeBytes), filledTo: 0 };
    if (input.sizeBytes === 0) this.#endFile();
  }

  #readBytes(piece: Buffer, from: number): number {
    const file = this.#file!;
    const copied = piece.copy(file.bytes, file.filledTo, from);
    file.filledTo += copied;
    if (file.filledTo === file.bytes.length) this.#endFile();
    return copied;
  }

  #endFile(): void {
    const { input, bytes } = this.#file!;
    this.#file = null;
    this.#files++;
    this.#onFile(input, bytes);
  }
}

function readHead(line: Buffer, index: number): BundledFileInput {
  let head: unknown;
  try {
    head = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(line));
  } catch {
    throw invalid(index, 'the line before it must be JSON in UTF-8.');
  }
  const input = bundledFileInput.safeParse(head);
  if (input.success) return input.data;
  const size = (head as { sizeBytes?: unknown } | null)?.sizeBytes;
  if (typeof size === 'number' && size > maxBundledFileBytes) {
    throw new HubError(
      'too_large',
      `A file in a bundle has at most ${maxBundledFileBytes} bytes. Send this one alone.`,
      {
        maxBytes: maxBundledFileBytes,
      },
    );
  }
  const [issue] = input.error.issues;
  throw invalid(index, `${issue?.path.join('.') ?? ''}: ${issue?.message ?? ''}`);
}

function invalid(index: number, what: string): ProtocolViolation {
  return new ProtocolViolation(400, `File ${index + 1} of the bundle: ${what}`);
}
