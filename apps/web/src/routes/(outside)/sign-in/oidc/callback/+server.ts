// The OpenID provider sends the browser back here.
import { redirect } from '@sveltejs/kit';
import { finishOidcHere, pathOfFailure } from '#lib/server/oidc.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async (event) => {
  const path = await finishOidcHere(event).catch((error: unknown) => pathOfFailure(event, error));
  redirect(303, path);
};
