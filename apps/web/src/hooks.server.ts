// Around every page: its language and theme, and an id for every failure that nobody foresaw.
import { randomUUID } from 'node:crypto';
import type { Handle, HandleServerError } from '@sveltejs/kit/hooks';
import { HubError, httpStatus } from '@turnover/domain/errors';
import { chooseLocale, localeCookie } from '@turnover/messages/locale';
import { withLocale } from '@turnover/messages/server-locale';
import { idOf, reportOf } from '#lib/errors.ts';
import { readTheme, sidebarCookie, themeCookie } from '#lib/appearance.ts';

export const handle: Handle = ({ event, resolve }) => {
  const locale = chooseLocale({
    cookie: event.cookies.get(localeCookie),
    acceptLanguage: event.request.headers.get('accept-language'),
  });
  const theme = readTheme(event.cookies.get(themeCookie));
  event.locals.appearance = {
    locale,
    theme,
    sidebarCollapsed: event.cookies.get(sidebarCookie) === 'collapsed',
  };
  return withLocale(locale, () =>
    resolve(event, {
      transformPageChunk: ({ html }) =>
        html.replace('%turnover.locale%', locale).replace('%turnover.theme%', theme),
    }),
  );
};

export const handleError: HandleServerError = ({ error, kind, event }) => {
  if (kind !== 'unknown') return;
  if (error instanceof HubError && error.code !== 'internal') {
    return { status: httpStatus[error.code], message: error.message, code: error.code };
  }
  const report = reportOf(error);
  if (report) return { status: httpStatus[report.code], code: report.code, id: idOf(report) };
  const id = randomUUID();
  const stack = error instanceof Error ? error.stack : String(error);
  console.error(
    JSON.stringify({ level: 'error', id, route: event.route.id, method: event.request.method, stack }),
  );
  return { id };
};
