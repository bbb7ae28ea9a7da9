// Flips one bit of a body on the wire: a file whose sender stated a checksum never becomes a delivered file with other bytes.
import { randomFillSync } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { tortureRow, type Row } from '@turnover/core/testing/torture-row';
import { verifyUpload } from '@turnover/core/uploads/verification';
import { digestOf } from '../testing/digests.ts';
import { startSending, type Sending } from '../testing/sending.ts';
import { startWire } from '../testing/wire.ts';

type Wire = Awaited<ReturnType<typeof startWire>>;

const ofFile = ['md5', 'xxh64', 'xxh128'] as const;
const ofPiece = ['sha1', 'md5', 'sha256', 'xxh64', 'xxh3', 'xxh128'] as const;

tortureRow('flips', {
  promise: 'one flipped bit is caught before a file is published, and an undamaged file never is refused',
  shortTrials: 24,
  longTrials: 300,
  run: async (row) => {
    const sending = await startSending();
    const wire = await startWire(sending.port);
    try {
      for (let trial = 0; trial < row.trials; trial++) {
        const bytes = randomFillSync(Buffer.alloc(row.between(1, 4) * 2 ** row.between(0, 18)));
        const act = trial % 2 === 0 ? flipOfFile : flipOfPiece;
        await act(row, sending, wire, bytes, trial >> 1);
      }
      row.note(`and ${row.trials} undamaged ones`);
    } finally {
      await wire.close();
      await sending.close();
    }
  },
});

const flipIn = (row: Row, bytes: Buffer) => ({
  byte: row.between(0, bytes.length - 1),
  bit: row.between(0, 7),
});

async function flipOfFile(row: Row, sending: Sending, wire: Wire, bytes: Buffer, turn: number) {
  const algorithm = ofFile[turn % ofFile.length]!;
  const checksum = `${algorithm}:${(await digestOf(algorithm, bytes)).toString('hex')}`;
  for (const [isDamaged, expected] of [
    [true, 'mismatch'],
    [false, 'complete'],
  ] as const) {
    const path = await sending.begin(bytes.length, checksum);
    if (isDamaged) wire.flipNext(flipIn(row, bytes));
    const { status } = await sending.patch(path, 0, bytes, { to: wire.port });
    await verify(sending, path, algorithm);
    if (status !== 204 || sending.statusOf(path) !== expected) {
      row.lose(`${path}, ${algorithm}: ${status} and ${sending.statusOf(path)} instead of ${expected}`);
    }
  }
}

/** What the worker does: it hashes the bytes on the disk. */
async function verify(sending: Sending, path: string, algorithm: string): Promise<void> {
  const stored = await readFile(sending.partOf(path));
  const values = await Promise.all(
    ['xxh128', algorithm].map(async (each) => [each, (await digestOf(each, stored)).toString('hex')]),
  );
  await verifyUpload(
    sending.hub.ctx,
    sending.idOf(path),
    Object.fromEntries(values) as Record<string, string>,
  );
}

async function flipOfPiece(row: Row, sending: Sending, wire: Wire, bytes: Buffer, turn: number) {
  const algorithm = ofPiece[turn % ofPiece.length]!;
  const digest = (await digestOf(algorithm, bytes)).toString('base64');
  const headers = { 'Upload-Checksum': `${algorithm} ${digest}` };
  const path = await sending.begin(bytes.length);
  wire.flipNext(flipIn(row, bytes));
  const damaged = await sending.patch(path, 0, bytes, { to: wire.port, headers });
  const offset = await sending.offsetOf(path);
  if (damaged.status !== 460 || offset !== 0)
    row.lose(`${path}, ${algorithm}: ${damaged.status} at ${offset}`);
  const again = await sending.patch(path, 0, bytes, { to: wire.port, headers });
  const isWhole = (await readFile(sending.partOf(path))).equals(bytes);
  if (again.status !== 204 || !isWhole) row.lose(`${path}, ${algorithm}: ${again.status} without damage`);
}
