import { redirect } from '@sveltejs/kit';
import * as m from '@turnover/messages/messages';
import { signOutHere } from '#lib/server/oidc.ts';
import { nextPath } from '#lib/sign-in-path.ts';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = async (event) => {
  const next = nextPath(event.url.searchParams.get('next'));
  const atProvider = await signOutHere(event, next);
  if (atProvider !== null) return goOnTo(atProvider);
  redirect(303, next === '/' ? '/sign-in' : next);
};

/** A page and no redirect: browsers hold what follows a form to the hub's own address. */
function goOnTo(address: string): Response {
  const href = address.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;');
  const { title, go } = { title: m.user_menu_sign_out(), go: m.sign_out_go_on() };
  const page = `<!doctype html><meta charset="utf-8"><title>${title}</title><a href="${href}">${go}</a>`;
  return new Response(page, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      refresh: `0;url=${address}`,
    },
  });
}
