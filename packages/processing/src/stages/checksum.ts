/** Rereads the stored bytes and compares them with the checksum recorded on arrival and the one the sender declared. */
import { statSync } from 'node:fs';
import { standardAlgorithm } from '@turnover/domain/media/checksums';
import type { StageReturn } from '@turnover/domain/media/stages';
import { BytesMissingError } from '../hash.ts';
import { hashWhole } from '../hash-whole.ts';
import type { Stage } from '../stage.ts';

type Known = Parameters<Stage>[0]['checksums'][number];

export const checksum: Stage = async (input, io) => {
  const size = statSync(input.path, { throwIfNoEntry: false })?.size;
  if (size === undefined || size < input.sizeBytes) return missing(size ?? 0, input.sizeBytes);
  const checked = input.checksums.filter(isChecked);
  const algorithms = [...new Set([standardAlgorithm, ...checked.map((known) => known.algorithm)])];
  try {
    const values = await hashWhole({ path: input.path, sizeBytes: size, algorithms }, io);
    return verdict(checked, values, size);
  } catch (error) {
    if (error instanceof BytesMissingError) return missing(size, input.sizeBytes);
    throw error;
  }
};

/**
 * Returns true when a checksum is verified. Slow algorithms that only a list needs are skipped: the standard one
 * already shows whether the bytes are unchanged.
 */
function isChecked({ algorithm, source }: Known): boolean {
  return source === 'declared' || ['xxh128', 'xxh64', 'md5'].includes(algorithm);
}

function verdict(
  known: readonly Known[],
  values: Partial<Record<string, string>>,
  size: number,
): StageReturn {
  // The recorded checksum comes first: bytes that changed on our disk are not the sender's fault.
  const inOrder = known.toSorted((a, b) => a.source.localeCompare(b.source));
  const wrong = inOrder.find(({ algorithm, value }) => values[algorithm] !== value.toLowerCase());
  if (wrong) {
    return {
      kind: 'failed',
      failure: wrong.source === 'computed' ? 'stored_bytes_differ' : 'declared_checksum_differs',
      facts: { algorithm: wrong.algorithm, expected: wrong.value, found: values[wrong.algorithm] ?? '' },
    };
  }
  return { kind: 'done', facts: { bytes: size, xxh128: values[standardAlgorithm] ?? '' } };
}

function missing(found: number, expected: number): StageReturn {
  return { kind: 'failed', failure: 'bytes_missing', facts: { found, expected } };
}
