import { afterEach, beforeEach, expect, test } from 'vitest';
import { noRules } from '@turnover/domain/rules/request-types';
import { refusalOf, requestScene, type RequestScene } from '../testing/requests.ts';
import { exportType, specifiedTypes } from './type-specifications.ts';
import { createRequestType, loadRequestType, updateRequestType } from './types.ts';

let scene: RequestScene;
beforeEach(async () => void (scene = await requestScene()));
afterEach(() => scene.close());

test('exports each version of a type, and reads the export back', async () => {
  const ctx = scene.hub.as(scene.people.coordinator);
  const input = { projectId: scene.project.id, name: 'Master', description: '', rules: noRules };
  const { id } = createRequestType(ctx, { ...input, rules: { ...noRules, extensions: ['mxf'] } });
  updateRequestType(ctx, { id }, { version: 1, rules: { ...noRules, extensions: ['mov'] } });
  const type = loadRequestType(scene.hub.db, ctx, id, 'type:view');
  const extensionsOf = (version?: number) =>
    specifiedTypes(JSON.stringify(exportType(ctx, type, version))).types[0]!.rules.extensions;
  expect([extensionsOf(1), extensionsOf(2), extensionsOf()]).toEqual([['mxf'], ['mov'], ['mov']]);
  expect(exportType(ctx, type, 1)).toMatchObject({ governance: { spec_version: '1' } });
  expect(await refusalOf(() => exportType(ctx, type, 3))).toMatchObject({ code: 'not_found' });
});

test('refuses another text and states the problem', async () => {
  expect(await refusalOf(() => specifiedTypes('{"id": "house"}'))).toMatchObject({
    code: 'invalid_input',
    details: { field: 'text', problem: 'incomplete', at: 'name' },
  });
});
