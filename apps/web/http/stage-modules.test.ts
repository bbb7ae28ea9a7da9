import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadConfig } from '@turnover/config/config';
import { openHub } from './open-hub.ts';

test('a stage module that throws prevents the start before the data folder is created', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'turnover-stages-'));
  const module = join(folder, 'stage.mjs');
  writeFileSync(module, 'throw new Error("no licence");');
  const data = join(folder, 'data');
  const config = loadConfig({
    TURNOVER_DATA: data,
    TURNOVER_STATE: join(folder, 'state'),
    TURNOVER_STAGES: module,
  });
  await expect(openHub(config)).rejects.toThrow(`TURNOVER_STAGES: ${module} cannot be loaded: no licence`);
  expect(existsSync(data)).toBe(false);
  rmSync(folder, { recursive: true });
});
