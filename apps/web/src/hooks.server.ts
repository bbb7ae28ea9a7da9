// Wraps every page: authentication, language and theme, and an id for every unexpected failure.
import { randomUUID } from 'node:crypto';
import { redirect, type RequestEvent } from '@sveltejs/kit';
import type { Handle, HandleServerError } from '@sveltejs/kit/hooks';
import { sessionCookieName } from '@turnover/core/people/sign-in';
import { crossSiteRefusal } from '@turnover/core/people/cross-site';
import { eventRange } from '@turnover/core/events';
import { requireWritable } from '@turnover/core/write-gate';
import { HubError, httpStatus } from '@turnover/domain/errors';
import { chooseLocale, localeCookie } from '@turnover/messages/locale';
import { withLocale } from '@turnover/messages/server-locale';
import { readTheme, sidebarCookie, themeCookie } from '#lib/appearance.ts';
import { loadErrorWords } from '#lib/errors.ts';
import { idOf, reasonOf, reportOf } from '#lib/reported-error.ts';
import { answerApiFailure, foreseen } from '#lib/server/failure.ts';
import { hubOf } from '#lib/server/hub.ts';
import { setUpPath, signInPath } from '#lib/sign-in-path.ts';

// Pages that are rendered here show refusals without waiting for their texts.
await loadErrorWords();

export const handle: Handle = async (input) => {
  try {
    return await answer(input);
  } catch (error) {
    const isApi = input.event.url.pathname.startsWith('/api/');
    const known = isApi ? foreseen(error) : undefined;
    if (!known) throw error;
    return answerApiFailure(input.event, known);
  }
};

const answer: Handle = async ({ event, resolve }) => {
  refuseCrossSite(event);
  // This id is read before the page loads its data. Live updates start from it, so that no event is missed.
  event.locals.loadedAt = eventRange(hubOf(event).ctx.db).newest;
  await recognise(event);
  await waitToWrite(event);
  const { locale, theme } = (event.locals.appearance = readAppearance(event));
  return withLocale(locale, () => {
    const { person, held } = event.locals;
    if (event.route.id?.startsWith('/(app)') && !person)
      redirect(303, held ? setUpPath(event.url) : signInPath(event.url));
    return resolve(event, {
      transformPageChunk: ({ html }) =>
        html.replace('%turnover.locale%', locale).replace('%turnover.theme%', theme),
    });
  });
};

/** Refuses cross-site POST requests to pages. The API has the same check with its own error format. */
function refuseCrossSite({ request, url }: RequestEvent): void {
  if (url.pathname.startsWith('/api/')) return;
  const { method } = request;
  const headers = Object.fromEntries(request.headers);
  const refusal = crossSiteRefusal({ method, headers, ownOrigins: [url.origin] });
  if (refusal) throw refusal;
}

/** Waits for the database before a form writes. API calls wait on their own. */
async function waitToWrite({ request, url, platform }: RequestEvent): Promise<void> {
  if (/^(GET|HEAD|OPTIONS)$/.test(request.method) || url.pathname.startsWith('/api/')) return;
  await requireWritable(hubOf({ platform }).ctx);
}

async function recognise(event: RequestEvent): Promise<void> {
  const credentials = {
    sessionToken: event.cookies.get(sessionCookieName(event.url.protocol === 'https:')),
    authorization: event.request.headers.get('authorization') ?? undefined,
  };
  const hub = hubOf(event);
  const found = await hub.authenticate(credentials);
  const held = found ? null : await hub.authenticateHeld(credentials);
  const { person = null, sessionId, tokenId } = found ?? {};
  Object.assign(event.locals, { credentials, person, held, sessionId, tokenId });
}

function readAppearance({ cookies, request, locals }: RequestEvent): App.Locals['appearance'] {
  const locale = chooseLocale({
    cookie: cookies.get(localeCookie),
    setting: (locals.person ?? locals.held?.person)?.locale,
    acceptLanguage: request.headers.get('accept-language'),
  });
  return {
    locale,
    theme: readTheme(cookies.get(themeCookie)),
    sidebarCollapsed: cookies.get(sidebarCookie) === 'collapsed',
  };
}

export const handleError: HandleServerError = ({ error, kind, event }) => {
  if (kind !== 'unknown') return;
  const known = foreseen(error);
  if (known) {
    const reason = typeof known.details.reason === 'string' ? known.details.reason : undefined;
    if (!(error instanceof HubError)) logFailure(error, event, randomUUID());
    return { status: httpStatus[known.code], message: known.message, code: known.code, reason };
  }
  const report = reportOf(error);
  if (report)
    return { status: httpStatus[report.code], code: report.code, reason: reasonOf(report), id: idOf(report) };
  const id = randomUUID();
  logFailure(error, event, id);
  return { id };
};

function logFailure(error: unknown, event: RequestEvent, id: string): void {
  const stack = error instanceof Error ? error.stack : String(error);
  const facts = { id, route: event.route.id, method: event.request.method, stack };
  hubOf(event).ctx.log('error', 'page.failed', facts);
}
