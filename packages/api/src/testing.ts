/** A hub for tests of the API. `callerOf` returns a caller with the permissions of a person. */
import { TRPCError } from '@trpc/server';
import type { Person } from '@turnover/core/context';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { HubError, type ErrorCode } from '@turnover/domain/errors';
import { appRouter } from './root.ts';
import { t, type ApiContext } from './trpc.ts';

const createCaller = t.createCallerFactory(appRouter);
export type Caller = ReturnType<typeof createCaller>;

export type ApiHub = TestHub & {
  /** `person`: null for a caller who is not signed in. */
  callerOf(person: Person | null, context?: Partial<ApiContext>): Caller;
  contextOf(person: Person | null): ApiContext;
};

export async function testApi(options: Parameters<typeof testHub>[0] = {}): Promise<ApiHub> {
  const hub = await testHub(options);
  return { ...hub, ...callersOf(hub) };
}

export function callersOf({ ctx }: TestHub): Pick<ApiHub, 'callerOf' | 'contextOf'> {
  const contextOf = (person: Person | null): ApiContext => ({
    hub: ctx,
    person,
    stillSignedIn: async () => true,
    onCommit: () => () => {},
  });
  return { contextOf, callerOf: (person, context) => createCaller({ ...contextOf(person), ...context }) };
}

/** Calls `noun.verb` and returns `done`, or the error code. */
export async function call(caller: Caller, path: string, input: unknown): Promise<ErrorCode | 'done'> {
  const [noun, verb] = path.split('.') as [keyof Caller, string];
  const procedure = (caller[noun] as unknown as Record<string, (input: unknown) => Promise<unknown>>)[verb]!;
  try {
    await procedure(input);
    return 'done';
  } catch (error) {
    if (error instanceof TRPCError && error.cause instanceof HubError) return error.cause.code;
    throw error;
  }
}
