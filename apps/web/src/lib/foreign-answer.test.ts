import * as m from '@turnover/messages/messages';
import { TRPCClientError } from '@trpc/client';
import { expect, test } from 'vitest';
import { wordsFor } from './error-words.ts';
import { wordsForCaught } from './errors.ts';
import { requireOwnAnswer } from './foreign-answer.ts';

const html = { 'content-type': 'text/html' };

test.each([
  [
    'nginx refuses a body',
    413,
    '<html><head><title>413 Request Entity Too Large</title>',
    m.error_proxy_too_large(),
  ],
  ['the hub behind it is away', 502, '<html>502 Bad Gateway', m.error_proxy_answered({ status: 502 })],
  ['Caddy says nothing at all', 504, '', m.error_proxy_answered({ status: 504 })],
  ['a firewall', 403, 'Forbidden', m.error_proxy_answered({ status: 403 })],
])('recognises a proxy: %s, %i', (_name, status, body, words) => {
  let caught: unknown;
  try {
    requireOwnAnswer(new Response(body, { status, headers: html }));
  } catch (error) {
    caught = error;
  }
  expect(wordsForCaught(caught)).toBe(words);
  expect(wordsForCaught(TRPCClientError.from(caught as Error))).toBe(words);
});

test("accepts the hub's own answers", () => {
  const json = { 'content-type': 'application/json' };
  for (const [status, headers] of [
    [200, json],
    [413, json],
    [503, json],
    [200, html],
  ] as const) {
    const answer = new Response('{}', { status, headers });
    expect(requireOwnAnswer(answer)).toBe(answer);
  }
});

test('a limit of the hub and a limit of a proxy have different texts', () => {
  expect(wordsFor({ code: 'too_large', details: { by: 'proxy' } })).toBe(m.error_proxy_too_large());
  expect(wordsFor({ code: 'too_large' })).toBe(m.error_code_too_large());
});
