// Parses Upload-Metadata strictly: each key once, values in base64 and UTF-8. Values such as "undefined", which programs send
// for an unset variable, count as missing.
import { HubError } from '@turnover/domain/errors';
import { beginUploadInput, type BeginUploadInput } from '@turnover/domain/workspace/uploads';

const required = ['filename', 'projectId'] as const;
const optional = ['folderId', 'requestId', 'relativePath', 'checksum', 'override'] as const;

/** Texts that programs send for a missing value. */
const nothing = new Set(['', 'undefined', 'null', 'NaN', '[object Object]']);

const flags: Record<string, boolean> = { true: true, '1': true, false: false, '0': false };

/** `sizeBytes` comes from another header. Unknown keys belong to the client; they are only stored. */
export function beginInputOf(header: string | undefined, sizeBytes: number | undefined): BeginUploadInput {
  const values = decodeMetadata(header ?? '');
  const text = (key: string) => textOf(values, key);
  for (const key of required) requireValue(values, key);
  const input = beginUploadInput.safeParse({
    ...Object.fromEntries([...required, ...optional].map((key) => [key, text(key)])),
    modifiedAt: numberOf('modifiedAt', text('modifiedAt')),
    ifTaken: text('ifTaken') ?? undefined,
    replace: flagOf('replace', text('replace')),
    sizeBytes,
  });
  if (input.success) return input.data;
  const [issue] = input.error.issues;
  throw invalid(issue?.path.length ? `${issue.path.join('.')}: ${issue.message}` : (issue?.message ?? ''));
}

/** Returns the raw bytes of each value, because the protocol allows any. */
function decodeMetadata(header: string): Map<string, Buffer> {
  const values = new Map<string, Buffer>();
  for (const pair of header === '' ? [] : header.split(',')) {
    const [key = '', value = '', ...more] = pair.split(' ');
    if (more.length > 0 || !/^[!-+\--~]+$/.test(key)) {
      throw invalid('write it as "key value,key value", each key in ASCII.');
    }
    if (values.has(key)) throw invalid(`${key} is there twice.`);
    if (value.length % 4 !== 0 || !/^[\d+/A-Za-z]*={0,2}$/.test(value)) {
      throw invalid(`the value of ${key} must be in base64.`);
    }
    values.set(key, Buffer.from(value, 'base64'));
  }
  return values;
}

function textOf(values: Map<string, Buffer>, key: string): string | null {
  const bytes = values.get(key);
  if (bytes === undefined) return null;
  let text;
  try {
    text = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw invalid(`${key} is not UTF-8.`);
  }
  return nothing.has(text.trim()) ? null : text;
}

function requireValue(values: Map<string, Buffer>, key: string): void {
  if (textOf(values, key) !== null) return;
  const sent = values.get(key)?.toString().trim();
  throw invalid(sent ? `${key} is "${sent}", as if a variable was not set.` : `${key} is missing.`);
}

function numberOf(key: string, text: string | null): number | null {
  if (text === null) return null;
  if (/^-?\d{1,15}$/.test(text)) return Number(text);
  throw invalid(`${key} must be a whole number of milliseconds since 1970.`);
}

function flagOf(key: string, text: string | null): boolean {
  const flag = text === null ? false : flags[text.toLowerCase()];
  if (flag === undefined) throw invalid(`${key} must be true or false.`);
  return flag;
}

function invalid(message: string): HubError {
  return new HubError('invalid_input', `Upload-Metadata: ${message}`);
}
