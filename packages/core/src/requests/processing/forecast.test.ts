import { afterEach, beforeEach, expect, test } from 'vitest';
import { stageRuns } from '@turnover/db/schema/jobs';
import { processingForecast } from './forecast.ts';
import { currentRequest } from '../transitions.ts';
import { requestScene, type RequestScene } from '../../testing/requests.ts';

let scene: RequestScene;
beforeEach(async () => {
  scene = await requestScene();
});
afterEach(() => scene.close());

const now = () => scene.hub.clock.now;
const forecast = ({ id }: { id: string }) =>
  processingForecast(scene.hub.db, currentRequest(scene.hub.db, id), now());

/** Stores a past run with this file size and duration. */
function wentThrough(path: string, msPerByte: number): void {
  const request = scene.createRequest({ status: 'processed' });
  scene.put(request, 'open');
  const fileId = scene.deliver(request, path);
  scene.put(request, 'processed');
  const bytes = currentRequest(scene.hub.db, request.id).totalBytes;
  scene.startStage(request, fileId);
  scene.hub.db
    .update(stageRuns)
    .set({ status: 'done', startAt: now(), endAt: now() + bytes * msPerByte })
    .run();
}

test('returns no forecast without past runs, or without files to submit', () => {
  const request = scene.createRequest();
  expect(forecast(request)).toBeNull();
  scene.deliver(request, 'mix.wav');
  expect(forecast(request)).toBeNull();
  wentThrough('old.wav', 2);
  scene.put(request, 'processed');
  expect(forecast(request)).toBeNull();
});

test('uses the past time per byte, and includes a part of the queue', () => {
  const request = scene.createRequest();
  scene.deliver(request, 'mix.wav');
  const { totalBytes } = currentRequest(scene.hub.db, request.id);
  wentThrough('old.wav', 2);
  expect(forecast(request)).toBe(now() + 2 * totalBytes);
  const ahead = scene.createRequest();
  scene.deliver(ahead, 'other mix.wav');
  scene.put(ahead, 'submitted');
  const before = currentRequest(scene.hub.db, ahead.id).totalBytes;
  expect(forecast(request)).toBe(now() + 2 * (totalBytes + before / 2));
});
