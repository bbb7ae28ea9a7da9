/** Files that are wrong in the usual ways, through the whole worker: each gets the problem that its name says, and ends nothing. */
import { afterAll, beforeAll, expect, test } from 'vitest';
import { submitRequest } from '@turnover/core/requests/actions';
import { viewInspection } from '@turnover/core/requests/processing/inspection';
import { overrideRule, reviewDelivery } from '@turnover/core/requests/rule-checks';
import { createRequestType } from '@turnover/core/requests/types';
import { createSampleDelivery } from '@turnover/core/testing/sample-delivery';
import { testHub, type TestHub } from '@turnover/core/testing/hub';
import { requests } from '@turnover/db/schema/requests';
import { requestRulesSchema } from '@turnover/domain/rules/request-types';
import { mxfHead, quickTime } from '@turnover/processing/inspect/testing/movies';
import { chunk, fmt, riff } from '@turnover/processing/inspect/testing/waves';
import { openPool, type Pool } from './pool.ts';
import { runToTheEnd, xxh128Of } from './testing/worker.ts';

/** A second of stereo sound with 24 bits at 48 kHz, unless `format` says otherwise. */
function wave(level: (frame: number) => number, format: { bits?: 16 | 24; rate?: number } = {}): Buffer {
  const { bits = 24, rate = 48_000 } = format;
  const sample = bits / 8;
  const data = Buffer.alloc(rate * 2 * sample);
  for (let frame = 0; frame < rate; frame += 1) {
    const value = Math.round(level(frame) * (2 ** (bits - 1) - 1));
    data.writeIntLE(value, 2 * frame * sample, sample);
    // The right channel is quieter, so that it is not the same sound twice.
    data.writeIntLE(Math.round(value / 2), (2 * frame + 1) * sample, sample);
  }
  return riff([fmt({ bits, rate }), chunk('data', data)]);
}
const tone = (frame: number) => 0.5 * Math.sin(frame / 12);
const clipped = (frame: number) => Math.max(-1, Math.min(1, 4 * tone(frame)));
const cut = (bytes: Buffer) => bytes.subarray(0, Math.round(bytes.length / 2));
const words = (...lines: string[]) => Buffer.from(`${lines.join('\n')}\n`);

/** The name, the bytes, and what is found in them. */
const files: [name: string, bytes: Buffer, found: string[]][] = [
  ['good.wav', wave(tone), []],
  ['empty.wav', Buffer.alloc(0), ['empty']],
  ['truncated.wav', cut(wave(tone)), ['truncated']],
  ['truncated.mov', cut(quickTime()), ['truncated']],
  ['truncated.mxf', mxfHead(7_920_128), ['truncated']],
  ['playlist_as.mov', words('ffconcat version 1.0', 'file good.wav'), ['not_its_kind']],
  ['movie_as.wav', quickTime(), ['not_its_kind']],
  ['zeros.mov', Buffer.alloc(5000), ['not_its_kind']],
  ['44k1.wav', wave(tone, { rate: 44_100 }), ['sample_rate_unwanted']],
  ['16bit.wav', wave(tone, { bits: 16 }), ['sample_bits_unwanted']],
  ['silent.wav', wave(() => 0), ['silent_file']],
  ['clipped.wav', wave(clipped), ['true_peak_high', 'clipping']],
  ['unclosed.ttml', words('<tt xmlns="http://www.w3.org/ns/ttml"><body'), ['xml_cut_short']],
  [
    'doctype.ttml',
    words('<!DOCTYPE tt [<!ENTITY a "b">]><tt xmlns="http://www.w3.org/ns/ttml"/>'),
    ['xml_doctype'],
  ],
  [
    'overlap.srt',
    words('1', '00:00:01,000 --> 00:00:03,000', 'One', '', '2', '00:00:02,000 --> 00:00:04,000', 'Two'),
    ['cue_overlap'],
  ],
  ['reversed.srt', words('1', '00:00:03,000 --> 00:00:01,000', 'One'), ['cue_reversed']],
];

let hub: TestHub;
let pool: Pool;
let found: Map<string, string[]>;

beforeAll(async () => {
  hub = await testHub();
  pool = openPool(2);
  const samples = files.map(async ([path, bytes]) => ({ path, bytes, xxh128: await xxh128Of(bytes) }));
  const { coordinator, request, fileIds } = createSampleDelivery(hub, await Promise.all(samples));
  const rules = requestRulesSchema.parse({
    media: { sampleRates: ['48 kHz'], bitDepths: ['24 bit'] },
    overridable: ['empty_file'],
  });
  const type = { projectId: request.projectId, name: 'Sound', description: '', rules };
  const { id: typeId } = createRequestType(coordinator, type);
  const typed = { typeId, typeVersion: 1 };
  hub.db.update(requests).set(typed).run();
  const typedRequest = { ...request, ...typed };
  overrideRule(coordinator, request, { rule: 'empty_file', path: 'empty.wav' }, 'It is part of the test.');
  submitRequest(coordinator, typedRequest, await reviewDelivery(coordinator, typedRequest));
  await runToTheEnd(hub, pool);
  const codes = fileIds.map((id) => viewInspection(coordinator, id).problems.map(({ code }) => code));
  found = new Map(files.map(([name], at) => [name, codes[at]!]));
}, 120_000);
afterAll(async () => {
  await pool.close();
  hub.close();
});

test.each(files)('%s', (name, _, expected) => {
  // With ffmpeg on the machine, a file that it cannot decode has a problem of its preview too.
  expect(found.get(name)!.filter((code) => code !== 'not_decodable')).toEqual(expected);
});

test('the request is processed all the same', () => {
  expect(hub.db.select().from(requests).all()).toMatchObject([{ status: 'processed' }]);
});
