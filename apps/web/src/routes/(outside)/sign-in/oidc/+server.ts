// Sends the browser to the OpenID provider. A link and no form: browsers hold what follows a form to the hub's own address.
import { redirect } from '@sveltejs/kit';
import { beginOidcHere } from '#lib/server/oidc.ts';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async (event) => {
  redirect(303, await beginOidcHere(event), { external: true });
};
