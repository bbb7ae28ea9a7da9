import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { devNull, tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadSettings } from '@turnover/config/load-settings';
import { openHub } from './open-hub.ts';

test('a stage module that throws prevents the start before the data folder is created', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'turnover-stages-'));
  const module = join(folder, 'stage.mjs');
  writeFileSync(module, 'throw new Error("no licence");');
  const data = join(folder, 'data');
  const settings = loadSettings({
    TURNOVER_DATA: data,
    TURNOVER_STATE: join(folder, 'state'),
    TURNOVER_STAGES: module,
    TURNOVER_SETTINGS: devNull,
  });
  await expect(openHub(settings)).rejects.toThrow(`TURNOVER_STAGES: ${module} cannot be loaded: no licence`);
  expect(existsSync(data)).toBe(false);
  rmSync(folder, { recursive: true });
});
