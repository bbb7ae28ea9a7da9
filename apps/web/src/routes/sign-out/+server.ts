import { redirect } from '@sveltejs/kit';
import { endSession } from '#lib/server/session.ts';
import { nextPath } from '#lib/sign-in-path.ts';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = async (event) => {
  endSession(event);
  const next = nextPath(event.url.searchParams.get('next'));
  redirect(303, next === '/' ? '/sign-in' : next);
};
