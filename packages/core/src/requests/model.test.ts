/** Runs random sequences of actions and checks that the counters, rounds and jobs of a request agree with its files. */
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { eq } from 'drizzle-orm';
import { inTransaction } from '@turnover/db/transaction';
import { jobs } from '@turnover/db/schema/jobs';
import { deliveredFiles, rounds } from '@turnover/db/schema/requests';
import { HubError } from '@turnover/domain/errors';
import { roles } from '@turnover/domain/people/projects';
import type { DeliveryRequest } from '../access.ts';
import type { PersonContext } from '../context.ts';
import { askForRedelivery } from './redelivery/redeliveries.ts';
import { acceptRequest, cancelRequest, reopenRequest, restoreRequest, reviewAndSubmit } from './actions.ts';
import { clearFiles, removeFiles, renameFile } from './files/files.ts';
import { restoreFile } from './files/restore.ts';
import { listRequestFiles } from './files/list.ts';
import { getRequest } from './edit.ts';
import { currentRequest, moveRequest } from './transitions.ts';
import { requestScene, type RequestScene } from '../testing/requests.ts';

type Step = {
  run: (scene: RequestScene, ctx: PersonContext, request: DeliveryRequest, name: string) => unknown;
};

const hubMoves = (action: 'startProcessing' | 'finishProcessing'): Step => ({
  run: ({ hub }, _ctx, { id }) =>
    inTransaction(
      hub.db,
      (tx) => moveRequest(tx, hub.ctx, currentRequest(tx, id), action, { actorId: null }).id,
    ),
});

const steps: Record<string, Step> = {
  add: { run: (scene, ctx, request, name) => scene.deliver(request, name, ctx.person) },
  replace: { run: (scene, ctx, request, name) => scene.deliver(request, name, ctx.person, true) },
  rename: { run: (scene, ctx, request, name) => renameFile(ctx, anyFile(scene, request), name) },
  remove: {
    run: (scene, ctx, request) => removeFiles(ctx, request, { allExcept: [anyFile(scene, request).id] }),
  },
  clear: { run: (_scene, ctx, request) => clearFiles(ctx, request) },
  restoreFile: { run: (scene, ctx, request) => restoreFile(ctx, anyFile(scene, request)) },
  submit: { run: (_scene, ctx, request) => reviewAndSubmit(ctx, request) },
  startProcessing: hubMoves('startProcessing'),
  finishProcessing: hubMoves('finishProcessing'),
  accept: { run: (_scene, ctx, request) => acceptRequest(ctx, request) },
  reopen: { run: (_scene, ctx, request) => reopenRequest(ctx, request) },
  cancel: { run: (_scene, ctx, request) => cancelRequest(ctx, request) },
  restore: { run: (_scene, ctx, request) => restoreRequest(ctx, request) },
  askForRedelivery: {
    run: (_scene, ctx, request, name) =>
      askForRedelivery(ctx, request, {
        reasons: ['wrong_file'],
        comment: '',
        clearExisting: name === 'a.wav',
      }),
  },
};

/** The oldest file of the request, present or removed. */
function anyFile({ hub }: RequestScene, request: DeliveryRequest): { id: string } {
  const rows = hub.db.select().from(deliveredFiles).where(eq(deliveredFiles.requestId, request.id)).all();
  return rows[0] ?? { id: 'dlf_none' };
}

const sequence = fc.array(
  fc.record({
    step: fc.constantFrom(...Object.keys(steps)),
    role: fc.constantFrom(...roles, 'coordinator' as const, 'partner' as const),
    name: fc.constantFrom('a.wav', 'A.WAV', 'b.wav', 'c.wav'),
  }),
  { minLength: 60, maxLength: 80 },
);

/** The number of sequences, with 60 to 80 steps each. */
const numRuns = inject('isLong') ? 300 : 10;

test('a request stays consistent under any sequence of actions', { timeout: 15 * 60_000 }, async () => {
  const scene = await requestScene();
  await fc.assert(
    fc.asyncProperty(sequence, async (actions) => {
      const request = scene.createRequest();
      const filesByRound = new Map<number, string>();
      for (const { step, role, name } of actions) {
        try {
          await steps[step]!.run(scene, scene.hub.as(scene.people[role]), request, name);
        } catch (error) {
          if (!(error instanceof HubError)) throw error;
        }
        expectSound(scene, request);
        expectRoundsKept(scene, request, filesByRound);
        expectSeenByRole(scene, request);
      }
    }),
    { numRuns },
  );
  scene.close();
});

function expectSound(scene: RequestScene, { id }: DeliveryRequest): void {
  const { db } = scene.hub;
  expect(scene.countersOf({ id })).toEqual(scene.recount({ id }));
  const { round, status } = currentRequest(db, id);
  const submitted = db.select().from(rounds).where(eq(rounds.requestId, id)).all();
  const isSubmitted = ['submitted', 'processing', 'processed', 'accepted'].includes(status);
  expect(submitted).toHaveLength(isSubmitted ? round : round - 1);
  const queued = db
    .select()
    .from(jobs)
    .all()
    .filter(({ dedupeKey }) => dedupeKey?.startsWith(`round:${id}:`));
  expect(queued).toHaveLength(submitted.length);
  if (isSubmitted) expect(currentRequest(db, id).fileCount).toBeGreaterThan(0);
}

/** A submitted round never changes. */
function expectRoundsKept(
  { hub }: RequestScene,
  { id }: DeliveryRequest,
  filesByRound: Map<number, string>,
): void {
  for (const { number } of hub.db.select().from(rounds).where(eq(rounds.requestId, id)).all()) {
    const files = hub.db
      .select()
      .from(deliveredFiles)
      .where(eq(deliveredFiles.requestId, id))
      .orderBy(deliveredFiles.pathKey)
      .all()
      .filter(
        ({ addedRound, removedRound }) =>
          addedRound <= number && (removedRound === null || removedRound > number),
      );
    const now = JSON.stringify(files.map(({ path, assetId }) => [path, assetId]));
    expect({ number, files: filesByRound.get(number) ?? now }).toEqual({ number, files: now });
    filesByRound.set(number, now);
  }
}

function expectSeenByRole({ hub, people }: RequestScene, request: DeliveryRequest): void {
  for (const role of roles) {
    const ctx = hub.as(people[role]);
    if (role === 'workspace') {
      expect(() => getRequest(ctx, request.id)).toThrow('Not found.');
      continue;
    }
    const { files } = listRequestFiles(ctx, currentRequest(hub.db, request.id), { limit: 100 });
    const seen = files.filter(
      ({ deliveredBy }) => role !== 'uploader' || deliveredBy.id === people.uploader.id,
    );
    expect(files).toEqual(seen);
  }
}
