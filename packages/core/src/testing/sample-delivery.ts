/** Test data: a request with stored files, as uploads leave them, ready for a submit. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { assetChecksums, assets } from '@turnover/db/schema/assets';
import { deliveredFiles, requests } from '@turnover/db/schema/requests';
import type { DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import type { TestHub } from './hub.ts';

export type SampleFile = {
  path: string;
  bytes: Buffer;
  xxh128: string;
  declaredMd5?: string;
  /** Overrides the size that `bytes` has, because simulations need no bytes. */
  sizeBytes?: number;
};

export type SampleDelivery = { coordinator: PersonContext; request: DeliveryRequest; fileIds: string[] };

export function createSampleDelivery(hub: TestHub, files: readonly SampleFile[]): SampleDelivery {
  const project = hub.createProject();
  const person = hub.createPerson({ project, role: 'coordinator' });
  const now = hub.clock.now;
  const request = hub.db
    .insert(requests)
    .values({
      id: hub.ctx.newId('request'),
      projectId: project.id,
      name: 'Feature, first delivery',
      status: 'open',
      fileCount: files.length,
      createdBy: person.id,
      createdAt: now,
      updatedAt: now,
    })
    .returning()
    .get();
  const fileIds = files.map((file) => storeSample(hub, request, person.id, file));
  return { coordinator: hub.as(person), request, fileIds };
}

function storeSample(hub: TestHub, request: DeliveryRequest, deliveredBy: string, file: SampleFile): string {
  const { path, bytes, xxh128, declaredMd5, sizeBytes = bytes.length } = file;
  const at = hub.clock.now;
  const assetId = hub.ctx.newId('asset');
  const stored = hub.storage.vaultPath(assetId);
  mkdirSync(dirname(stored), { recursive: true });
  writeFileSync(stored, bytes);
  hub.db
    .insert(assets)
    .values({ id: assetId, sizeBytes, state: 'stored', createdAt: at, publishedAt: at })
    .run();
  hub.db
    .insert(assetChecksums)
    .values({ assetId, algorithm: 'xxh128', source: 'computed', value: xxh128, at })
    .run();
  if (declaredMd5) {
    const declared = { algorithm: 'md5', source: 'declared', value: declaredMd5 } as const;
    hub.db
      .insert(assetChecksums)
      .values({ assetId, ...declared, at })
      .run();
  }
  const id = hub.ctx.newId('deliveredFile');
  const pathKey = path.toLowerCase();
  hub.db
    .insert(deliveredFiles)
    .values({ id, requestId: request.id, path, pathKey, assetId, deliveredBy, addedAt: at, addedRound: 1 })
    .run();
  return id;
}
