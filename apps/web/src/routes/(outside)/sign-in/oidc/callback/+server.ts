// The OpenID provider sends the browser back here.
import { redirect } from '@sveltejs/kit';
import { finishOidcHere } from '#lib/server/oidc.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async (event) => {
  redirect(303, await finishOidcHere(event));
};
