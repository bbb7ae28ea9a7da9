import fc from 'fast-check';
import { expect, test } from 'vitest';
import { mediaProblem } from '@turnover/domain/media/media-problems';
import { layout, text } from '../inspect/testing/bytes.ts';
import { checkTextFile, type TextChecks } from './text-file.ts';

function check(content: string | Buffer, name = 'feature.srt', more: Partial<TextChecks> = {}) {
  const bytes = typeof content === 'string' ? Buffer.from(content) : content;
  return checkTextFile(bytes, { name, frameRates: [], ...more });
}

/** Returns code and line of each problem. */
function found(content: string | Buffer, name?: string, more?: Partial<TextChecks>) {
  return check(content, name, more)?.problems.map(({ code, line }) => (line ? `${code} ${line}` : code));
}

const srt = (...cues: string[]) => cues.map((cue, at) => `${at + 1}\n${cue}\n`).join('\n');
const first = '00:00:01,000 --> 00:00:03,000\nEvery delivery begins\nas a promise.';
const ttml = (body: string, root = '') =>
  `<?xml version="1.0"?>\n<tt xmlns="http://www.w3.org/ns/ttml" ${root}>\n<body><div>\n${body}\n</div></body></tt>`;

test('finds nothing in correct subtitles', () => {
  const vtt =
    'WEBVTT - Demo\n\nSTYLE\n::cue {}\n\nNOTE one\ntwo\n\nintro\n00:01.000 --> 00:03.000 line:0\n<v Ana>One\n';
  expect(check(srt(first, '00:00:04,000 --> 00:00:06,000\nFin'))).toEqual({
    facts: { cues: 2, firstInMs: 1000, lastOutMs: 6000 },
    problems: [],
  });
  expect(check(vtt, 'a.vtt')).toEqual({ facts: { cues: 1, firstInMs: 1000, lastOutMs: 3000 }, problems: [] });
  expect(found('Scenarist_SCC V1.0\n\n01:00:00:00\t9420 9420 942f\n\n01:00:02;00\t942c\n', 'a.scc')).toEqual(
    [],
  );
});

test('reports the line with wrong times, the most serious problems first', () => {
  const cues = [
    first,
    '00:00:02,500 --> 00:00:04,000\nOver',
    '00:00:04,050 --> 00:00:04,400\nA',
    '00:00:06,000 --> 00:00:05,000\nBack',
    '00:00:10,000 --> 00:00:17,100\nLong',
    '00:61:10,000 --> 00:62:17,100\nNo time',
  ];
  expect(found(srt(...cues))).toEqual([
    'cue_reversed 15',
    'cue_time_unreadable 23',
    'cue_overlap 7',
    'cue_short 11',
    'cue_gap_short 11',
    'cue_long 19',
  ]);
  expect(check(srt(...cues.slice(0, 2)))?.problems).toEqual([
    { code: 'cue_overlap', line: 7, fromMs: 2500, toMs: 4000, measured: '0.5 s' },
  ]);
});

test('counts only visible letters', () => {
  const cue = (...lines: string[]) => srt(`00:00:01,000 --> 00:00:07,000\n${lines.join('\n')}`);
  const line = 'a'.repeat(42);
  expect(found(cue(`<i>${line}</i>`, `{\\an8}${'e\u0301'.repeat(42)}`))).toEqual([]);
  expect(found(cue(`${line}a`, 'b', 'c'))).toEqual(['cue_lines 2', 'cue_line_long 2']);
  expect(found(cue('<b></b>'))).toEqual(['cue_empty 2']);
});

test('uses the reading speed of the language of the file', () => {
  const cue = (letters: string) => srt(`00:00:01,000 --> 00:00:02,000\n${letters}`);
  expect(found(cue('a'.repeat(18)), 'feature.en.srt')).toEqual([]);
  expect(check(cue('a'.repeat(18)), 'feature.es-419.srt')?.problems).toMatchObject([
    { code: 'cue_fast', measured: '18', wanted: '17' },
  ]);
  expect(check(cue('日本語です'), 'feature_ja.srt')?.problems).toMatchObject([
    { code: 'cue_fast', measured: '5', wanted: '4' },
  ]);
  expect(found(cue('NASA'), 'feature_ja.srt')).toEqual([]);
});

test('measures two frames at the rate of the file, or of the type', () => {
  const cues = srt(first, '00:00:03,080 --> 00:00:05,000\nFin');
  expect(found(cues)).toEqual([]);
  expect(found(cues, 'a.srt', { frameRates: ['25'] })).toEqual([]);
  expect(found(cues, 'a.srt', { frameRates: ['23.976'] })).toEqual(['cue_gap_short 7']);
});

test('keeps the cues between damaged ones', () => {
  expect(
    found('1\nHello\n\n2\n00:00:01,000 --> 00:00:03,000\nA\n3\n00:00:04,000 --> 00:00:06,000\nB'),
  ).toEqual(['cue_unreadable 1']);
  expect(found('just text', 'notes.srt')).toEqual(['cue_unreadable 1']);
  expect(check('just text', 'notes.txt')).toBeNull();
  expect(check('<PackingList/>', 'PKL.xml')).toBeNull();
});

test('notes what is not UTF-8', () => {
  const cue = srt('00:00:01,000 --> 00:00:03,000\n¿Qué?');
  expect(found(`\ufeff${cue}`)).toEqual(['text_marked']);
  expect(found(Buffer.from(`\ufeff${cue}`, 'utf16le'))).toEqual(['text_utf16']);
  expect(found(Buffer.from(cue, 'latin1'))).toEqual(['text_not_utf8']);
  expect(found(cue.replace('é', '\ufffd'))).toEqual(['text_lost 3']);
});

test('reads the times of TTML in all their forms', () => {
  const read = (body: string, root?: string) => check(ttml(body, root), 'a.ttml');
  expect(read('<p begin="1s" dur="2000ms">A<br/>B</p>')?.facts).toMatchObject({
    firstInMs: 1000,
    lastOutMs: 3000,
  });
  const rate = 'p:frameRate="24" p:frameRateMultiplier="1000 1001"';
  expect(read('<p begin="24f" end="00:00:03:12">A</p>', rate)?.facts).toMatchObject({
    firstInMs: 1001,
    lastOutMs: 3501,
  });
  expect(
    read('<p begin="01:00:00:00" end="01:00:02:00">A</p>', `${rate} p:timeBase="smpte"`)?.facts,
  ).toMatchObject({ firstInMs: 3_603_600 });
  expect(
    read(
      '<p begin="00:10:00:00" end="00:10:02:00">A</p>',
      'p:frameRate="30" p:frameRateMultiplier="1000 1001" p:timeBase="smpte" p:dropMode="dropNTSC"',
    )?.facts,
  ).toMatchObject({ firstInMs: 599_999 });
  expect(read('<p begin="10000000t" end="30000000t">A</p>', 'p:tickRate="10000000"')?.facts).toMatchObject({
    firstInMs: 1000,
  });
});

test('adds the times of elements around a paragraph', () => {
  const facts = (body: string) => check(ttml(body), 'a.ttml')?.facts;
  expect(facts('<div begin="10s" end="12s"><p begin="1s" end="5s">A</p></div>')).toMatchObject({
    firstInMs: 11_000,
    lastOutMs: 12_000,
  });
  expect(facts('<div timeContainer="seq"><p dur="2s">A</p><p begin="1s" dur="2s">B</p></div>')).toMatchObject(
    { cues: 2, lastOutMs: 5000 },
  );
  expect(facts('<p><span begin="1s" end="2s">A</span><span begin="3s" end="4s">B</span></p>')).toMatchObject({
    cues: 2,
    firstInMs: 1000,
    lastOutMs: 4000,
  });
});

test('reads only visible text of TTML', () => {
  const problems = (body: string) => found(ttml(body), 'a.ttml');
  const long = 'word '.repeat(20);
  expect(problems(`<p begin="1s" end="3s"><metadata><x>${long}</x></metadata>A\n  b</p>`)).toEqual([]);
  expect(problems(`<p begin="1s" end="3s">A<span xmlns:t="t" t:ruby="text">${long}</span></p>`)).toEqual([]);
  expect(problems('<p begin="1s" end="3s">A</p><p begin="1s" end="3s">B</p><p/>')).toEqual([]);
  expect(problems('<p begin="1s" end="3s"> <br/> </p><p begin="4 s" end="5s">A</p>')).toEqual([
    'cue_time_unreadable 4',
    'cue_empty 4',
    'cue_overlap 4',
  ]);
});

test('names the line where the XML is malformed', () => {
  expect(found('<tt xmlns="http://www.w3.org/ns/ttml"><body', 'bad.ttml')).toEqual(['xml_cut_short 1']);
  expect(found(ttml('<p begin="1s" end="3s">A</div>'), 'bad.ttml')).toEqual(['xml_malformed 4']);
  expect(found(ttml('<p begin="1s" end="3s">A</p>').replace('</tt>', '\n'), 'a.ttml')).toEqual([
    'xml_cut_short 5',
  ]);
  expect(found('<?xml version="1.0"?>\n<!DOCTYPE tt [<!ENTITY a "b">]>\n<tt>&a;</tt>', 'a.ttml')).toEqual([
    'xml_doctype 2',
  ]);
  expect(found(ttml(''), 'a.ttml')).toEqual(['no_cues']);
});

test('compares the language of the file with that of its name', () => {
  const problems = (name: string, tag: string) =>
    found(ttml('<p begin="1s" end="3s">A</p>', `xml:lang="${tag}"`), name);
  const differs = ['text_language_differs'];
  expect(problems('demo_v02_es-419_SDH.ttml', 'en')).toEqual(differs);
  expect(problems('demo_spa_SUB.ttml', 'es-419')).toEqual([]);
  expect(problems('demo.pt_BR.ttml', 'pt-PT')).toEqual(differs);
  expect(problems('demo.zh-TW.ttml', 'zh-Hant')).toEqual([]);
  expect(problems('demo.zh-TW.ttml', 'zh-Hans')).toEqual(differs);
  for (const name of ['nam_sub.ttml', 'it.ttml', 'demo.ttml', 'demo_mix.ttml', 'demo_--.ttml']) {
    expect(problems(name, 'de')).toEqual([]);
  }
  expect(problems('demo_es.ttml', '')).toEqual([]);
  expect(problems('demo_es.ttml', 'no tag!')).toEqual([]);
});

test('reads the subtitles of EBU STL', () => {
  const block = (number: number, from: number[], to: number[], content: string) =>
    layout(128, [
      [1, Buffer.from([number, 0, 0xff])],
      [5, Buffer.from([...from, ...to])],
      [16, Buffer.concat([text(content), Buffer.alloc(112 - content.length, 0x8f)])],
    ]);
  const stl = Buffer.concat([
    layout(1024, [[0, text('850STL25.01')]]),
    block(1, [10, 0, 0, 0], [10, 0, 2, 0], 'One\x8a\x8aTwo'),
    block(2, [10, 0, 1, 0], [10, 0, 3, 0], ''),
  ]);
  expect(check(stl, 'a.stl')).toMatchObject({
    facts: { cues: 2, firstInMs: 36_000_000, lastOutMs: 36_003_000 },
    problems: [{ code: 'cue_empty' }, { code: 'cue_overlap', measured: '1 s' }],
  });
});

test('stops at a limit of cues', () => {
  const many = Array.from({ length: 50_010 }, (_, at) => {
    const clock = new Date(at * 3000).toISOString().slice(11, 19);
    return `${clock},000 --> ${clock},900\nA\n`;
  }).join('\n');
  const checked = check(many);
  expect(checked?.facts.cues).toBe(50_000);
  expect(checked?.problems.map(({ code }) => code)).toContain('cues_not_read');
});

test.each([
  ['lines in one cue', 'long.srt', `1\n00:00:01,000 --> 00:00:02,000\n${';\n'.repeat(2 ** 20)}`],
  ['codes in one line', 'long.scc', `Scenarist_SCC V1.0\n\n00:00:00:00\t${'9420 '.repeat(2 ** 20)}`],
])('judges a file with a million %s', (_, name, content) => {
  expect(check(content, name)?.problems.length).toBeGreaterThan(0);
});

test('never throws, and returns only what its contract allows', () => {
  const pieces = fc.constantFrom(
    ...[
      '<p begin="',
      '1s',
      '" end="',
      '">',
      '</p>',
      '<span begin="1f">',
      '<br/>',
      '<div timeContainer="seq">',
    ],
    ...['&#0;', '&#xd800;', '-->', '00:00:01,000', ' --> ', '00:00:00:99', '\n', '\n\n', '942f', '\u202e'],
    ...['<![CDATA[', '<!--', '\ufeff', '\ud800', '999999999999h', '{\\an8}', '\t', 'é', '日', '</tt>'],
  );
  const beginnings = fc.constantFrom(
    '<tt p:frameRate="24" p:timeBase="smpte" p:dropMode="dropNTSC"><body>',
    '<tt xml:lang="ja">',
    'WEBVTT\n\n',
    'Scenarist_SCC V1.0\n\n01:00:00:00\t9420',
    '1\n00:00:00,000 --> 00:00:01,000\n',
    '850STL25.01'.padEnd(1100, '\x80'),
  );
  const content = fc
    .tuple(beginnings, fc.array(fc.oneof(pieces, fc.string({ unit: 'binary', maxLength: 20 }))))
    .map(([beginning, rest]) => beginning + rest.join(''));
  const encoding = fc.constantFrom<BufferEncoding>('utf8', 'latin1', 'utf16le');
  fc.assert(
    fc.property(content, encoding, fc.string(), (written, how, name) => {
      const checked = check(Buffer.from(written, how), `${name}.srt`);
      for (const problem of checked?.problems ?? []) mediaProblem.parse(problem);
      for (const fact of Object.values(checked?.facts ?? {})) {
        expect(typeof fact === 'number' ? Number.isFinite(fact) : typeof fact).toBeTruthy();
      }
    }),
    { numRuns: 150 },
  );
});
