// Sends the browser to the OpenID provider. A link and no form: browsers hold what follows a form to the hub's own address.
import { redirect } from '@sveltejs/kit';
import { beginOidcHere, pathOfFailure } from '#lib/server/oidc.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async (event) => {
  const path = await beginOidcHere(event).catch((error: unknown) => pathOfFailure(event, error));
  redirect(303, path, { external: true });
};
