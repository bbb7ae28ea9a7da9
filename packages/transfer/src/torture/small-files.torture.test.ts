// Kills the server while it stores small files together: each is there after the same request is sent again, and none twice.
import { readFile } from 'node:fs/promises';
import type { Crashpoint } from '@turnover/core/crashpoints';
import { tortureRow, type Row } from '@turnover/core/testing/torture-row';
import { withScene } from '../testing/torture-scene.ts';
import { ask } from '../testing/transfers.ts';

const points: Crashpoint[] = ['small.afterSync', 'small.afterCommit'];

tortureRow('small-files', {
  promise: 'small files survive a kill at each crash point, and none of them is there twice',
  shortTrials: points.length,
  longTrials: points.length * 10,
  run: async (row) => {
    for (let trial = 0; trial < row.trials; trial++) await killedAt(row, points[trial % points.length]!);
  },
});

async function killedAt(row: Row, point: Crashpoint): Promise<void> {
  await withScene(async ({ hub, person, projectId, server }) => {
    const names = Array.from({ length: row.between(2, 60) }, (_, index) => `frame ${index}.bin`);
    const bytesOf = (index: number) => names[index]!.repeat(100 + index);
    const body = names.map((filename, index) => {
      const key = `key-${String(index).padStart(16, '0')}`;
      const about = { projectId, filename, key, sizeBytes: bytesOf(index).length };
      return `${JSON.stringify(about)}\n${bytesOf(index)}`;
    });
    const headers = { Authorization: `Bearer ${person.id}`, 'Content-Type': 'application/x-turnover-bundle' };
    const send = () => ask(server.port, 'POST', '/uploads/bundle', { headers, body: body.join('') });
    await server.start({ crashpoint: point });
    const answer = await send().catch(() => null);
    if (answer) row.lose(`${point} killed nothing`);
    await server.died();
    await server.start();
    const { files } = JSON.parse((await send()).body) as { files: { received: boolean; uploadId: string }[] };
    if (files.length !== names.length) row.lose(`${files.length} of ${names.length} files were answered`);
    for (const [index, { received, uploadId }] of files.entries()) {
      const stored = received ? await readFile(hub.storage.incomingPath(uploadId), 'utf8') : null;
      if (stored !== bytesOf(index)) row.lose(`${names[index]} after ${point}`);
    }
    for (const table of ['uploads', 'assets', 'entries']) {
      const rows = hub.db.$client.prepare(`select count(*) from ${table}`).pluck().get();
      if (rows !== names.length) row.lose(`${String(rows)} ${table} of ${names.length} files`);
    }
    if ((await hub.storage.listArrivals()).length > 0) row.lose(`${point} leaves arrivals behind`);
  });
}
