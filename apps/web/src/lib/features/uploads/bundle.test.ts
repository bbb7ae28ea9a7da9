import type { ReportedError } from '#lib/reported-error.ts';
import { expect, test } from 'vitest';
import { Bundle, type Member, type Post } from './bundle.ts';
import type { Answer } from './hub-answer.ts';
import { Pieces, smallestPieceBytes } from './pieces.ts';

class FakeMember implements Member {
  readonly file: File;
  readonly bundleHead: Member['bundleHead'];
  readonly seen: string[] = [];
  readonly #end = Promise.withResolvers<void>();

  constructor(content: string, name = 'a.txt') {
    this.file = new File([content], name);
    this.bundleHead = { filename: name };
  }

  get ended(): Promise<void> {
    return this.#end.promise;
  }

  joined = () => this.#note('joined');
  sent = (bytes: number) => this.#note(`sent ${bytes}`);
  delayed = (report: ReportedError | undefined) => this.#note(`delayed ${report?.code ?? 'no answer'}`);
  received = (uploadId: string) => this.#note(`received ${uploadId}`, true);
  refused = ({ code }: ReportedError) => this.#note(`refused ${code}`, true);
  lost = () => this.#note('lost', true);
  released = () => this.#note('released', true);

  #note(what: string, isEnd = false): void {
    this.seen.push(what);
    if (isEnd) this.#end.resolve();
  }
}

const ofHub = (status: number, body: unknown): Answer => ({
  status,
  isOfHub: true,
  body: JSON.stringify(body),
});
const ofProxy = (status: number): Answer => ({ status, isOfHub: false, body: '<html>' });
const allReceived = (count: number) =>
  ofHub(200, {
    files: Array.from({ length: count }, (_, index) => ({ received: true, uploadId: `upl_${index}` })),
  });

type Step = Answer | null | ((body: Blob, onprogress: (sent: number) => void) => Answer | null);

/** Sends the members; each request gets the next of the answers. */
function send(members: readonly FakeMember[], steps: readonly Step[], pieces = new Pieces(null)) {
  const bodies: Blob[] = [];
  const news: (string | number)[] = [];
  const post: Post = (body, onprogress) => {
    const step = steps[Math.min(bodies.length, steps.length - 1)]!;
    bodies.push(body);
    return Promise.resolve(typeof step === 'function' ? step(body, onprogress) : step);
  };
  const events = {
    onrefused: () => void news.push('refused'),
    onsmaller: (bytes: number) => void news.push(bytes),
  };
  const bundle = new Bundle(members, events, { post, pieces, delaysMs: [0] });
  bundle.start();
  return { bundle, bodies, news, pieces, ended: Promise.all(members.map(({ ended }) => ended)) };
}

test('sends a line before the bytes of each file, and gives each its result', async () => {
  const members = [new FakeMember('one'), new FakeMember('映像\n', 'ü.txt'), new FakeMember('')];
  const results = [
    { received: true, uploadId: 'upl_1' },
    { received: false, code: 'name_taken', message: '', details: { by: 'upload' } },
    { received: true, uploadId: 'upl_3' },
  ];
  const { bodies, ended } = send(members, [ofHub(200, { files: results })]);
  await ended;
  expect(await bodies[0]!.text()).toBe(
    '{"filename":"a.txt","sizeBytes":3}\none{"filename":"ü.txt","sizeBytes":7}\n映像\n{"filename":"a.txt","sizeBytes":0}\n',
  );
  expect(members.map(({ seen }) => seen)).toEqual([
    ['joined', 'received upl_1'],
    ['joined', 'refused name_taken'],
    ['joined', 'received upl_3'],
  ]);
});

test('tells each file how much of it was sent', async () => {
  const members = [new FakeMember('12345'), new FakeMember('12345')];
  const line = '{"filename":"a.txt","sizeBytes":5}\n'.length;
  const { ended } = send(members, [
    (_body, onprogress) => {
      for (const at of [line, line + 2, line + 5 + line, 2 * line + 9, 2 * line + 10]) onprogress(at);
      return allReceived(2);
    },
  ]);
  await ended;
  expect(members[0]!.seen).toEqual(['joined', 'sent 2', 'sent 5', 'received upl_0']);
  expect(members[1]!.seen).toEqual(['joined', 'sent 4', 'sent 5', 'received upl_1']);
});

test.each([
  ['nobody answers', null, 'no answer'],
  ['a proxy answers', ofProxy(502), 'no answer'],
  ['the hub restarts', ofHub(503, { code: 'unavailable' }), 'unavailable'],
  ['too much runs at once', ofHub(429, { code: 'too_many_uploads' }), 'too_many_uploads'],
  ['the answer is cut', { status: 200, isOfHub: true, body: '{"fil' }, 'unavailable'],
  ['the answer lacks files', allReceived(1), 'unavailable'],
])('sends the same bytes again when %s', async (_when, answer, told) => {
  const members = [new FakeMember('one'), new FakeMember('two')];
  const { bodies, ended } = send(members, [answer, allReceived(2)]);
  await ended;
  expect(members[1]!.seen).toEqual(['joined', `delayed ${told}`, 'received upl_1']);
  expect(await bodies[1]!.text()).toBe(await bodies[0]!.text());
});

test('stops when the sender is signed out', async () => {
  const members = [new FakeMember('one'), new FakeMember('two')];
  const { ended, news } = send(members, [ofHub(401, { code: 'unauthenticated' })]);
  await ended;
  expect(members.map(({ seen }) => seen.at(-1))).toEqual([
    'refused unauthenticated',
    'refused unauthenticated',
  ]);
  expect(news).toEqual([]);
});

test.each([400, 403, 404, 413, 415])(
  'a %i of the hub leaves the files to requests of their own',
  async (status) => {
    const members = [new FakeMember('one'), new FakeMember('two')];
    const { ended, news } = send(members, [ofHub(status, { code: 'too_large' })]);
    await ended;
    expect(members.map(({ seen }) => seen.at(-1))).toEqual(['released', 'released']);
    expect(news).toEqual(['refused']);
  },
);

test('a proxy that refuses the body makes the next bundle smaller, and the person gets a notice once it works', async () => {
  const pieces = new Pieces(null);
  const members = [new FakeMember('x'.repeat(2 * smallestPieceBytes))];
  const first = send(members, [ofProxy(413)], pieces);
  await first.ended;
  expect(first.news).toEqual([]);
  expect(members[0]!.seen).toEqual(['joined', 'released']);
  expect(pieces.bytes).toBe(Math.max(smallestPieceBytes, first.bodies[0]!.size / 2));
  const second = send([new FakeMember('x')], [allReceived(1)], pieces);
  await second.ended;
  expect(second.news).toEqual([pieces.bytes]);
});

test('a proxy that cuts the body three times counts as one that refuses it', async () => {
  const cut: Step = (_body, onprogress) => (onprogress(1), null);
  const members = [new FakeMember('x'.repeat(2 * smallestPieceBytes))];
  const { ended, bodies, pieces } = send(members, [cut]);
  await ended;
  expect(bodies).toHaveLength(3);
  expect(pieces.bytes).toBeLessThan(bodies[0]!.size);
  expect(members[0]!.seen.at(-1)).toBe('released');
});

test('a proxy that refuses even the smallest bundle leaves the files to requests of their own', async () => {
  const pieces = new Pieces(null);
  while (pieces.shrink(pieces.bytes));
  const { ended, news } = send([new FakeMember('x')], [ofProxy(413)], pieces);
  await ended;
  expect(news).toEqual(['refused']);
});

test('a file that can no longer be read is lost, and the others wait for another bundle', async () => {
  const members = [new FakeMember('one'), new FakeMember('two')];
  const unreadable = { arrayBuffer: () => Promise.reject(new DOMException('gone', 'NotReadableError')) };
  members[0]!.file.slice = () => unreadable as unknown as Blob;
  const { ended } = send(members, [null]);
  await ended;
  expect(members.map(({ seen }) => seen.at(-1))).toEqual(['lost', 'released']);
});

test('a file that leaves ends the request, and the others wait for another bundle', async () => {
  const members = [new FakeMember('one'), new FakeMember('two'), new FakeMember('three')];
  const { bundle } = send(members, [(_body, onprogress) => (onprogress(1), null)]);
  bundle.leave(members[1]!);
  bundle.leave(members[1]!);
  await Promise.all([members[0]!.ended, members[2]!.ended]);
  expect(members.map(({ seen }) => seen)).toEqual([
    ['joined', 'released'],
    ['joined'],
    ['joined', 'released'],
  ]);
});
