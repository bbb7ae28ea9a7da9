/** For tests of the doctor: a hub with stored files, and ways to damage it. */
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  mkdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { eq } from 'drizzle-orm';
import { assets } from '@turnover/db/schema/assets';
import { uploads } from '@turnover/db/schema/uploads';
import type { DamageKind } from '@turnover/domain/server/damages';
import type { ReadChecksum } from '../doctor/compare.ts';
import { openStorageCare } from '../storage-care.ts';
import { verifyUpload } from '../uploads/verification.ts';
import { uploadScene } from './uploads.ts';

/** One way to damage the hub, and the kind under which the doctor must report it. Returns the subject of the damage. */
export type Plant = { kind: DamageKind; needsRead?: true; plant: (name: string) => Promise<string> };

/** Stands in for xxh128: the doctor compares whatever function made the stored value. */
export const readChecksum: ReadChecksum = async ({ path, sizeBytes }) =>
  sumOf(readFileSync(path).subarray(0, sizeBytes));

export function sumOf(bytes: string | Buffer): string {
  return createHash('md5').update(bytes).digest('hex');
}

/** Flips one bit in the middle of a file and restores its times. */
export function flipBit(path: string): void {
  const bytes = readFileSync(path);
  bytes[Math.floor(bytes.length / 2)]! ^= 1;
  const { atime, mtime } = statSync(path);
  writeFileSync(path, bytes);
  utimesSync(path, atime, mtime);
}

export async function damageScene() {
  const scene = await uploadScene();
  const care = openStorageCare(scene.hub.folder);

  /** Stores a file and returns its asset id. */
  async function store(filename: string, content = `content of ${filename}`): Promise<string> {
    const uploadId = await scene.send({ filename }, content);
    await verifyUpload(scene.hub.ctx, uploadId, { xxh128: sumOf(content) });
    return scene.rowOf(uploadId).assetId!;
  }

  async function damaged(name: string, damage: (path: string) => void): Promise<string> {
    const assetId = await store(name);
    damage(care.assetPath(assetId));
    return assetId;
  }

  const plants: Plant[] = [
    { kind: 'missing', plant: (name) => damaged(name, (path) => rmSync(path)) },
    { kind: 'truncated', plant: (name) => damaged(name, (path) => truncateSync(path, 3)) },
    { kind: 'tooLong', plant: (name) => damaged(name, (path) => appendFileSync(path, 'more')) },
    { kind: 'changed', needsRead: true, plant: (name) => damaged(name, flipBit) },
    {
      kind: 'unreadable',
      plant: (name) =>
        damaged(name, (path) => {
          rmSync(path);
          mkdirSync(path);
        }),
    },
    {
      kind: 'unknownFile',
      async plant(name) {
        const path = care.assetPath(scene.hub.ctx.newId('asset'));
        mkdirSync(dirname(path), { recursive: true });
        writeFileSync(path, name);
        return path.slice(scene.hub.folder.length + 1);
      },
    },
    {
      kind: 'leftPart',
      async plant(name) {
        const id = await scene.fill({ filename: name });
        scene.hub.db.update(uploads).set({ status: 'discarded' }).where(eq(uploads.id, id)).run();
        return `incoming/${id}.part`;
      },
    },
    {
      kind: 'stuckUpload',
      async plant(name) {
        const id = await scene.fill({ filename: name });
        truncateSync(scene.hub.storage.incomingPath(id), 2);
        return id;
      },
    },
    {
      kind: 'stuckFile',
      async plant(name) {
        const id = await scene.send({ filename: name });
        scene.hub.db.update(uploads).set({ status: 'discarded' }).where(eq(uploads.id, id)).run();
        rmSync(scene.hub.storage.incomingPath(id));
        return scene.rowOf(id).assetId!;
      },
    },
    {
      kind: 'freedInUse',
      async plant(name) {
        const assetId = await store(name);
        scene.hub.db.update(assets).set({ state: 'freed' }).where(eq(assets.id, assetId)).run();
        rmSync(care.assetPath(assetId));
        return assetId;
      },
    },
  ];

  return { ...scene, care, store, plants };
}
