/**
 * For tests: fifty attackers in their own process. A message gives it the hub's address and tokens. It reports every second what it
 * holds, and ends with its parent or after the given time.
 */
import { connect, type Socket } from 'node:net';

export type AttackOrder = {
  port: number;
  projectId: string;
  tokens: string[];
  /** Duration of the attack in milliseconds. */
  ms: number;
};

export type AttackReport = {
  declared: number;
  refused: number;
  open: number;
  closed: number;
};

const report: AttackReport = { declared: 0, refused: 0, open: 0, closed: 0 };

process.once('message', (order: AttackOrder) => void attack(order));
process.once('disconnect', () => process.exit(0));

async function attack(order: AttackOrder): Promise<void> {
  setTimeout(() => process.exit(0), order.ms).unref();
  setInterval(() => process.send?.(report), 500);
  const uploads = await Promise.all(order.tokens.map((token) => declareUploads(order, token)));
  for (const [index, token] of order.tokens.entries()) {
    const authorization = `Authorization: Bearer ${token}\r\n`;
    for (let form = 0; form < 6; form++) open(order, `${head('POST', '/sign-in', 16_000)}email=`);
    for (let body = 0; body < 2; body++) {
      drip(order, head('POST', '/api/trpc/requests.create', 15_000, authorization), ' ', 1000);
    }
    for (let stream = 0; stream < 30; stream++) {
      const input = encodeURIComponent(JSON.stringify({ projectId: order.projectId }));
      open(order, head('GET', `/api/trpc/live.stream?input=${input}`, 0, authorization));
    }
    for (const path of uploads[index]!) {
      const tus = `${authorization}Tus-Resumable: 1.0.0\r\nUpload-Offset: 0\r\nContent-Type: application/offset+octet-stream\r\n`;
      drip(order, head('PATCH', path, 1_000_000_000, tus), 'x'.repeat(1500), 1000);
    }
    for (let reader = 0; reader < 2; reader++) {
      open(order, head('GET', '/projects', 0, authorization).repeat(20)).pause();
    }
  }
  for (let turn = 0; ; turn++) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    void sendBatch(order, order.tokens[turn % order.tokens.length]!);
  }
}

/** Declares as many uploads as the hub allows, then some small ones to send slowly. */
async function declareUploads({ port, projectId }: AttackOrder, token: string): Promise<string[]> {
  const paths: string[] = [];
  for (let number = 0; number < 8; number++) {
    const sizeBytes = number < 3 ? 10 ** (13 - number) : 1_000_000_000;
    const input = { projectId, filename: `${token.slice(-6)} ${number}.bin`, sizeBytes };
    const answer = await call(port, 'uploads.begin', token, JSON.stringify(input));
    const { result } = (await answer.json()) as { result?: { data: { uploadUrl: string } } };
    if (result) paths.push(result.data.uploadUrl);
    report[result ? 'declared' : 'refused']++;
  }
  return paths;
}

/** Sends the largest allowed body, which asks about many files, and a batch that is too long. */
async function sendBatch({ port }: AttackOrder, token: string): Promise<void> {
  const files = Array.from({ length: 5000 }, (_, index) => ({
    path: `Reel ${index}/${'x'.repeat(200)}`,
    sizeBytes: 1,
  }));
  const requestId = `req_${'a'.repeat(26)}`;
  const names = Array<string>(300).fill('projects.list').join();
  await Promise.allSettled([
    call(port, 'requests.preFlight', token, JSON.stringify({ requestId, files })),
    call(port, `${names}?batch=1`, token, '{}'),
  ]);
}

function call(port: number, path: string, token: string, body: string): Promise<Response> {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' };
  return fetch(`http://127.0.0.1:${port}/api/trpc/${path}`, { method: 'POST', headers, body });
}

function head(method: string, path: string, length: number, more = ''): string {
  return `${method} ${path} HTTP/1.1\r\nHost: 127.0.0.1\r\n${length > 0 ? `Content-Length: ${length}\r\n` : ''}${more}\r\n`;
}

function open({ port }: AttackOrder, beginning: string): Socket {
  const socket = connect(port, '127.0.0.1');
  report.open++;
  socket.on('error', () => undefined).on('data', () => undefined);
  socket.once('close', () => {
    report.open--;
    report.closed++;
  });
  socket.write(beginning);
  return socket;
}

function drip(order: AttackOrder, beginning: string, piece: string, everyMs: number): void {
  const socket = open(order, beginning);
  const timer = setInterval(() => socket.writable && socket.write(piece), everyMs);
  socket.once('close', () => clearInterval(timer));
}
