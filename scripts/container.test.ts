// What the recipe for containers promises. container.long.test.ts runs it.
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { root } from './bootstrap.mjs';
import { readSteps } from './testing/container-root.ts';

const read = (name: string) => readFileSync(path.join(root, name), 'utf8');
const steps = readSteps(read('Containerfile'));
const lastStage = steps.slice(steps.findLastIndex(({ instruction }) => instruction === 'FROM'));
const textOf = (instruction: string) => lastStage.find((step) => step.instruction === instruction)?.text;

test('the image runs as a user without a name of the system, and says whether it is well', () => {
  expect(textOf('USER')).toMatch(/^[1-9]\d+:[1-9]\d+$/);
  expect(textOf('HEALTHCHECK')).toContain('scripts/healthy.mjs');
  expect(textOf('VOLUME')).toBe('/data /state');
  expect(textOf('ENV')).toContain('TURNOVER_DATA=/data TURNOVER_STATE=/state');
});

test('neither settings nor data of this machine get into the image', () => {
  const ignored = read('.dockerignore').split('\n');
  expect(ignored).toEqual(expect.arrayContaining(['.git', 'data', 'turnover.env', '**/node_modules']));
});

test('compose.yml takes away what the hub does not need, and keeps its folders', () => {
  const { services, volumes } = parse(read('compose.yml')) as {
    services: { turnover: Record<string, unknown> };
    volumes: object;
  };
  expect(services.turnover).toMatchObject({
    read_only: true,
    cap_drop: ['ALL'],
    security_opt: ['no-new-privileges:true'],
    ports: ['127.0.0.1:3000:3000'],
    volumes: ['data:/data', 'state:/state'],
  });
  expect(Object.keys(volumes)).toEqual(['data', 'state']);
});
