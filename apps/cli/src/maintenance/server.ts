/** The thread of the maintenance page: each request gets 503 and the time after which to ask again. */
import { createServer, type IncomingMessage } from 'node:http';
import { parentPort, workerData } from 'node:worker_threads';
import { chooseLocale } from '@turnover/messages/locale';
import * as m from '@turnover/messages/messages';
import { withLocale } from '@turnover/messages/server-locale';

const againSeconds = 5;
const { host, port } = workerData as { host: string; port: number };

const server = createServer((request, response) => {
  const isPage = request.headers.accept?.includes('text/html') ?? false;
  response.writeHead(503, {
    'content-type': `${isPage ? 'text/html' : 'text/plain'}; charset=utf-8`,
    'retry-after': String(againSeconds),
    'cache-control': 'no-store',
    'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
    'x-content-type-options': 'nosniff',
    connection: 'close',
  });
  response.end(isPage ? pageFor(request) : 'The hub is restoring a backup. Ask again later.\n');
});
server.listen(port, host, () => parentPort!.postMessage('listening'));

function pageFor(request: IncomingMessage): string {
  const locale = chooseLocale({ acceptLanguage: request.headers['accept-language'] ?? null });
  return withLocale(
    locale,
    () => `<!doctype html>
<html lang="${locale}">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="dark light">
<meta http-equiv="refresh" content="${againSeconds}">
<title>Turnover</title>
<h1>${m.maintenance_title()}</h1>
<p>${m.maintenance_text()}</p>
</html>
`,
  );
}
