import { chmodSync, existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { externalCheck, maxAnswerBytes } from '@turnover/domain/media/external-checks';
import { outsideOutcome } from '@turnover/domain/media/outside-stages';
import { stageOfCheck } from './check-stage.ts';
import { readChecks } from './read-checks.ts';

let folder: string;
let path: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'turnover-checks-'));
  path = join(folder, 'it’s; $(touch pwned) "a" file');
  writeFileSync(path, 'some bytes');
});
afterAll(() => rmSync(folder, { recursive: true }));

const shared = { name: 'x-house.check', label: { en: 'House check' } };
let written = 0;

function script(source: string): string {
  const file = join(folder, `check-${written++}.sh`);
  writeFileSync(file, `#!/bin/sh\n${source}\n`);
  chmodSync(file, 0o755);
  return file;
}

/** Runs the check and validates its outcome as the hub does. */
async function ask(check: object, { signal = new AbortController().signal, of = path } = {}) {
  const stage = stageOfCheck(externalCheck.parse({ ...shared, ...check }));
  const file = { name: 'mix ü.wav', kind: 'audio' as const, sizeBytes: 10, path: of };
  return outsideOutcome.parse(await stage.run(file, { signal, progress() {} }));
}

const answering = (json: string) => ({ command: [script(`cat <<'END'\n${json}\nEND`)] });

describe('a program', () => {
  test('gets the path as a single last argument, no environment, and no input', async () => {
    process.env.TURNOVER_SECRET = 'secret';
    const program = script(
      `[ "$#" = 2 ] || exit 9\nread -r line && exit 8\nprintf '{"facts":{"first":"%s","same":%s,"secret":"%s"}}' "$1" "$([ -f "$2" ] && echo true)" "$TURNOVER_SECRET"`,
    );
    const outcome = await ask({ command: [program, '--flag; touch pwned'] });
    delete process.env.TURNOVER_SECRET;
    expect(outcome).toEqual({
      kind: 'done',
      facts: { first: '--flag; touch pwned', same: true, secret: '' },
      findings: [],
    });
    expect(existsSync(join(folder, 'pwned'))).toBe(false);
  });

  test('returns findings with their times, as plain text', async () => {
    const findings = [
      {
        severity: 'error',
        text: '<script>alert(1)</script>',
        fromMs: 1000,
        toMs: 2000,
        more: { ignored: 1 },
      },
      { severity: 'note', text: `two\nlines ${'x'.repeat(500)}` },
    ];
    const outcome = await ask(answering(JSON.stringify({ findings, version: 3 })));
    expect(outcome).toMatchObject({
      kind: 'done',
      findings: [
        { severity: 'error', text: '<script>alert(1)</script>', fromMs: 1000, toMs: 2000 },
        { severity: 'note', text: expect.stringMatching(/^two\uFFFDlines x{190}$/) },
      ],
    });
  });

  test.each([
    ['crashes', 'echo "no licence" >&2; exit 3', 'check_ended_badly', 'no licence'],
    ['kills itself', 'kill -9 $$', 'check_ended_badly', ''],
    ['answers no JSON', 'echo "<script>alert(1)</script>"', 'check_unreadable', '<script>'],
    ['answers nothing', 'true', 'check_unreadable', ''],
    [
      'answers another shape',
      `echo '{"findings":[{"severity":"fatal","text":"x"}]}'`,
      'check_unreadable',
      'severity',
    ],
    ['answers a deep nest', `head -c 900000 /dev/zero | tr '\\0' '['`, 'check_unreadable', ''],
    ['answers without end', 'yes', 'check_unreadable', String(maxAnswerBytes)],
    [
      'writes errors without end, then fails',
      'yes | head -c 9000000 >&2; exit 1',
      'check_ended_badly',
      'y y',
    ],
    ['wants too much memory', `head -c 900000000 /dev/zero | tail`, 'check_ended_badly', ''],
  ])('that %s fails the file at once', async (_, source, failure, said) => {
    const outcome = await ask({
      command: [script(`set -e\n${source}`)],
      memoryMiB: 64,
      timeLimitSeconds: 30,
    });
    expect(outcome).toMatchObject({ kind: 'failed', failure });
    expect(JSON.stringify(outcome)).toContain(said);
    expect(JSON.stringify(outcome).length).toBeLessThan(400);
  });

  test.each([
    ['its errors', 'echo "cannot open $1: n/a" >&2; exit 1', 'cannot open …: n/a'],
    ['errors that are cut', `head -c 1990 /dev/zero | tr '\\0' ' ' >&2; echo "$1: no" >&2; exit 1`, 'no'],
    ['the path of another file', 'echo "no licence in /opt/house/key" >&2; exit 1', 'no licence in …'],
    ['no JSON', 'echo "opened $1"', 'opened …'],
    ['a fact', `cat > /dev/null; printf '{"facts":{"opened":"%s"}}' "$1"`, '…'],
  ])('does not reveal the path of the file: %s', async (_, source, said) => {
    const of = join(folder, 'vault', 'ab', 'asset');
    mkdirSync(join(folder, 'vault', 'ab'), { recursive: true });
    writeFileSync(of, 'some bytes');
    const outcome = JSON.stringify(await ask({ command: [script(source)] }, { of }));
    expect(outcome).toContain(said);
    expect(outcome).not.toMatch(/vault|house/);
  });

  test('that hangs is killed with all processes that it started', async () => {
    const mark = join(folder, 'survived');
    const program = script(`(sleep 3; touch ${mark}) &\nsleep 60`);
    const outcome = await ask({ command: [program], timeLimitSeconds: 1 });
    expect(outcome).toEqual({ kind: 'failed', failure: 'check_took_too_long', facts: {} });
    await new Promise((resolve) => setTimeout(resolve, 3000));
    expect(existsSync(mark)).toBe(false);
  });

  test('is stopped when its answer is no longer needed', async () => {
    const cancel = new AbortController();
    setTimeout(() => cancel.abort(new Error('cancelled')), 200);
    await expect(ask({ command: [script('sleep 60')] }, { signal: cancel.signal })).rejects.toThrow(
      'cancelled',
    );
  });
});

describe('a service', () => {
  let server: Server | undefined;
  afterEach(() => {
    server?.closeAllConnections();
    server?.close();
  });

  async function serve(listener: RequestListener): Promise<{ url: string }> {
    server = createServer(listener).listen(0, '127.0.0.1');
    await new Promise((resolve) => server!.once('listening', resolve));
    return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/check` };
  }

  test('gets the bytes and the name, and returns findings', async () => {
    const check = await serve((request, response) => {
      let body = '';
      request.on('data', (bytes) => (body += String(bytes)));
      request.on('end', () => {
        const text = `${request.method} ${decodeURIComponent(String(request.headers['x-turnover-name']))}: ${body}`;
        response.end(JSON.stringify({ findings: [{ severity: 'warning', text }] }));
      });
    });
    expect(await ask(check)).toMatchObject({
      kind: 'done',
      findings: [{ severity: 'warning', text: 'POST mix ü.wav: some bytes' }],
    });
  });

  test.each<[string, RequestListener]>([
    ['fails', (_, response) => response.writeHead(500).end()],
    ['sends elsewhere', (_, response) => response.writeHead(302, { location: 'http://127.0.0.1:1/' }).end()],
    ['hangs up', (request) => request.socket.destroy()],
    [
      'hangs up in the middle of its answer',
      (request, response) => {
        response.write('{"findings":[');
        setTimeout(() => request.socket.destroy(), 50);
      },
    ],
  ])('that %s is retried', async (_, listener) => {
    await expect(ask(await serve(listener))).rejects.toThrow();
  });

  test('may work for longer than fetch would wait for an answer', async () => {
    const waiting: ServerResponse[] = [];
    const check = await serve((_, response) => waiting.push(response));
    const impatient = withImpatientFetch();
    try {
      const asked = ask(check);
      await expect(fetch(check.url)).rejects.toThrow('fetch failed');
      for (const response of waiting) response.end('{}');
      expect(await asked).toEqual({ kind: 'done', facts: {}, findings: [] });
    } finally {
      impatient.restore();
    }
  });

  test('that never answers is stopped at its time limit', async () => {
    const outcome = await ask({ ...(await serve(() => {})), timeLimitSeconds: 1 });
    expect(outcome).toEqual({ kind: 'failed', failure: 'check_took_too_long', facts: {} });
  });

  test('is stopped when its answer is no longer needed', async () => {
    const cancel = new AbortController();
    const check = await serve(() => setTimeout(() => cancel.abort(new Error('cancelled')), 50));
    await expect(ask(check, { signal: cancel.signal })).rejects.toThrow();
  });

  test('may answer before it has read a large file', async () => {
    const of = join(folder, 'large');
    writeFileSync(of, Buffer.alloc(32 * 1024 ** 2));
    const check = await serve((request, response) => {
      request.pause();
      response.writeHead(200, { 'content-length': 2 }).write('{}');
    });
    expect(await ask(check, { of })).toMatchObject({ kind: 'done' });
  });

  test('that sends its answer endlessly in small pieces is stopped', async () => {
    const check = await serve((_, response) => {
      response.write('{"findings":[');
    });
    const outcome = await ask({ ...check, timeLimitSeconds: 1 });
    expect(outcome).toMatchObject({ kind: 'failed', failure: 'check_took_too_long' });
  });

  test('that answers with too much data fails the file', async () => {
    const check = await serve((_, response) => {
      response.end('x'.repeat(maxAnswerBytes + 1));
    });
    expect(await ask(check)).toMatchObject({ kind: 'failed', failure: 'check_unreadable' });
  });
});

/** Makes fetch give up after 200 ms instead of 300 s, until it is restored. */
function withImpatientFetch(): { restore: () => void } {
  const place = Symbol.for('undici.globalDispatcher.1');
  const globals = globalThis as unknown as Record<symbol, { constructor: new (limits: object) => object }>;
  const patient = globals[place]!;
  globals[place] = new patient.constructor({ headersTimeout: 200 }) as typeof patient;
  return { restore: () => void (globals[place] = patient) };
}

test('a check runs only for its kinds and extensions, and never for an empty file', () => {
  const { appliesTo } = stageOfCheck(
    externalCheck.parse({ ...shared, url: 'http://x', kinds: ['audio'], extensions: ['wav'] }),
  );
  expect(appliesTo({ name: 'a.b.WAV', kind: 'audio', sizeBytes: 1 })).toBe(true);
  expect(appliesTo({ name: 'a.flac', kind: 'audio', sizeBytes: 1 })).toBe(false);
  expect(appliesTo({ name: 'a.wav', kind: 'picture', sizeBytes: 1 })).toBe(false);
  expect(appliesTo({ name: 'a.wav', kind: 'audio', sizeBytes: 0 })).toBe(false);
});

describe('the file of checks', () => {
  const read = (content: unknown) => {
    const file = join(folder, 'checks.json');
    writeFileSync(file, typeof content === 'string' ? content : JSON.stringify(content));
    return readChecks(file);
  };

  test('is read', () => {
    expect(read([{ ...shared, command: ['/bin/true'] }])).toMatchObject([{ memoryMiB: 2048 }]);
    expect(readChecks(undefined)).toEqual([]);
  });

  test.each<[string, unknown, string]>([
    ['is no JSON', '{', 'JSON'],
    ['has a program without a path', [{ ...shared, command: ['true'] }], 'command'],
    ['has a program that is not there', [{ ...shared, command: ['/nowhere/x'] }], '/nowhere/x'],
    ['has an unknown field', [{ ...shared, command: ['/bin/true'], shell: true }], 'shell'],
    ['has a url of another kind', [{ ...shared, url: 'file:///etc/passwd' }], '0.url'],
    ['has a name without a dot', [{ ...shared, name: 'check', url: 'http://x' }], 'contain a dot'],
    ['has a name twice', [1, 2].map(() => ({ ...shared, url: 'http://x' })), 'x-house.check'],
  ])('is refused when it %s', (_, content, words) => {
    expect(() => read(content)).toThrow(/^TURNOVER_CHECKS: /);
    expect(() => read(content)).toThrow(words);
  });
});

describe('the example with MediaConch', () => {
  const example = (file: string) =>
    fileURLToPath(new URL(`../../../../docs/examples/mediaconch/${file}`, import.meta.url));
  const withProgram = (program: string) => ({
    command: [process.execPath, example('mediaconch-check.mjs'), program, example('house-policy.xml')],
  });

  test('returns findings about the rules that are broken', async () => {
    const says = [
      `echo "fail! $4"`,
      `echo "   --  [fail:House policy]"`,
      `echo "   --   [fail:24 bit]"`,
      `echo "   --   [warn:Sound at 48 kHz]"`,
    ];
    expect(await ask(withProgram(script(says.join('\n'))))).toEqual({
      kind: 'done',
      facts: { policyKept: false },
      findings: [
        { severity: 'error', text: 'The file does not keep “24 bit”.' },
        { severity: 'warning', text: 'The file does not keep “Sound at 48 kHz”.' },
      ],
    });
  });

  test('passes a file that satisfies the policy, and fails when the program does', async () => {
    expect(await ask(withProgram(script(`echo "pass! $4"`)))).toMatchObject({ kind: 'done', findings: [] });
    expect(await ask(withProgram(script('exit 2')))).toMatchObject({ failure: 'check_ended_badly' });
  });

  test.skipIf(!existsSync('/usr/bin/mediaconch'))('works with the MediaConch of this machine', async () => {
    // Stored files have plain names; MediaConch opens no others without a locale.
    const of = join(folder, 'mix.wav');
    writeFileSync(of, 'no sound');
    expect(await ask(withProgram('/usr/bin/mediaconch'), { of })).toMatchObject({
      kind: 'done',
      facts: { policyKept: false },
      findings: [
        { severity: 'error', text: 'The file does not keep “Sound at 48 kHz”.' },
        { severity: 'error', text: 'The file does not keep “24 bit”.' },
      ],
    });
  });
});
