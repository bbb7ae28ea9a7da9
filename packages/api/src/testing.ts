/** A hub with one caller per person: what a program of that person could do. */
import type { Person } from '@turnover/core/context';
import { testHub, type TestHub } from '@turnover/core/testing';
import { appRouter } from './root.ts';
import { t, type ApiContext } from './trpc.ts';

const createCaller = t.createCallerFactory(appRouter);
export type Caller = ReturnType<typeof createCaller>;

export type ApiHub = TestHub & {
  /** Null: nobody is signed in. */
  callerOf(person: Person | null, context?: Partial<ApiContext>): Caller;
  contextOf(person: Person | null): ApiContext;
};

export async function testApi(): Promise<ApiHub> {
  const hub = await testHub();
  const contextOf = (person: Person | null): ApiContext => ({
    hub: hub.ctx,
    person,
    stillSignedIn: async () => true,
    onCommit: () => () => {},
  });
  return {
    ...hub,
    contextOf,
    callerOf: (person, context) => createCaller({ ...contextOf(person), ...context }),
  };
}
