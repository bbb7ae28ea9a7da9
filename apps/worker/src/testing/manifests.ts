/** Test data: a request whose files arrive, are hashed, and are compared with its checksum lists. */
import { listManifestEntries, listManifests } from '@turnover/core/manifests/entries';
import { getRequest } from '@turnover/core/requests/edit';
import { listRequestFiles } from '@turnover/core/requests/files/list';
import { currentRequest } from '@turnover/core/requests/transitions';
import { uploadScene } from '@turnover/core/testing/uploads';
import { createHashFollower } from '../hash-follower.ts';
import type { Pool } from '../pool.ts';
import { runnerOf } from './worker.ts';

export type ManifestScene = Awaited<ReturnType<typeof manifestScene>>;

export async function manifestScene(pool: Pool) {
  const scene = await uploadScene();
  const request = scene.createRequest();
  const coordinator = () => scene.hub.as(scene.people.coordinator);
  const load = () => currentRequest(scene.hub.db, request.id);
  const files = (as = coordinator()) => listRequestFiles(as, load(), { limit: 100 }).files;

  /** Hashes everything that arrived, and runs all jobs, also those that are due later. */
  async function settle(): Promise<void> {
    const follower = createHashFollower({ ctx: scene.hub.ctx, pool });
    const runner = runnerOf(scene.hub.ctx, pool);
    await follower.runUntilIdle();
    for (let round = 0; round < 5; round++) {
      await runner.runUntilIdle();
      scene.hub.clock.advance(61_000);
    }
    await follower.stop();
    await runner.stop();
  }

  return {
    ...scene,
    request,
    coordinator,
    load,
    files,
    settle,
    summary: () => getRequest(coordinator(), request.id).manifests,
    lists: () => listManifests(coordinator(), load()),
    /** Returns the verdict and the notes of each file. */
    verdicts: (as = coordinator()) =>
      Object.fromEntries(
        files(as).map(({ folder, name, manifest }) => [
          folder === '' ? name : `${folder}/${name}`,
          [manifest?.verdict ?? '–', ...(manifest?.notes ?? [])].join(' '),
        ]),
      ),
    problems: () =>
      listManifestEntries(coordinator(), load(), { offset: 0, limit: 100 }).entries.map(
        ({ verdict, path, reason }) => [verdict, path, reason ?? '–'].join(' '),
      ),
    async receive(contents: Record<string, string>, as = scene.ctx): Promise<void> {
      for (const [path, content] of Object.entries(contents)) {
        const filename = path.split('/').at(-1)!;
        await scene.send({ filename, relativePath: path, requestId: request.id, replace: true }, content, as);
      }
      await settle();
    },
  };
}
