/** Damages valid files in every way that a disk, a cable or an attacker could. */
import fc from 'fast-check';
import { mediaProblem } from '@turnover/domain/media/media-problems';
import { mediaReport } from '@turnover/domain/media/media-report';
import type { Inspection } from '../outcome.ts';
import { mebibyte, type Source } from '../source.ts';
import { sourceOf } from './sources.ts';

/** Random bytes after the beginning of a valid file, changed bytes, and truncated files. */
function damaged(valid: Buffer): fc.Arbitrary<Buffer> {
  const at = fc.nat({ max: Math.min(valid.length - 1, 4096) });
  const changes = fc.array(fc.tuple(at, fc.nat({ max: 255 })), { minLength: 1, maxLength: 12 });
  return fc.oneof(
    fc
      .tuple(at, fc.uint8Array({ maxLength: 512 }))
      .map(([end, rest]) => Buffer.concat([valid.subarray(0, end), rest])),
    at.map((end) => valid.subarray(0, end)),
    changes.map((list) => {
      const copy = Buffer.from(valid);
      for (const [place, value] of list) copy[place] = value;
      return copy;
    }),
    // Extreme sizes, because parsers tend to trust sizes.
    fc.tuple(at, fc.constantFrom(0, 0x7fff_ffff, 0x8000_0000, 0xffff_ffff)).map(([place, value]) => {
      const copy = Buffer.concat([valid, Buffer.alloc(4)]);
      copy.writeUInt32LE(value, Math.min(place, valid.length));
      return copy;
    }),
  );
}

/** Expects that the reader never throws, reads within its limit, and returns what its contract allows. */
export function holdsForDamagedFiles(
  valid: Buffer,
  read: (source: Source) => Inspection | Promise<Inspection>,
  numRuns = 150,
): Promise<void> {
  const property = fc.asyncProperty(damaged(valid), async (bytes) => {
    const source = sourceOf(bytes, 4 * mebibyte);
    const inspection = await read(source);
    if (inspection.kind !== 'read') return;
    mediaReport.parse(inspection.report);
    for (const problem of inspection.problems) mediaProblem.parse(problem);
  });
  return fc.assert(property, { numRuns });
}
