import { expect, test } from 'vitest';
import { canTakeSockets } from './socket-trial.ts';

// A Node that fails this makes uploads slow. See what changed in the parts that taken-socket.ts names.
test('the workspace’s Node lets large bodies bypass its HTTP parser', async () => {
  expect(await canTakeSockets()).toBe(true);
});
