import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { topics } from '@turnover/domain/events';

const routes = join(import.meta.dirname, '../../routes');

/** Pages without live data, each with its reason. */
const notLive: Record<string, string> = {
  '(app)/server/+page.ts': 'It only redirects.',
  '(app)/p/[project]/+page.ts': 'It only redirects.',
  '(app)/p/[project]/+layout.ts': 'It picks from the projects that the layout above has loaded.',
  '(app)/projects/+page.ts': 'The layout above loads the projects; the state of the server is read once.',
  '(app)/server/audit/+page.ts': 'New entries would move those that somebody reads.',
  '(app)/server/sign-ins/+page.ts': 'As the audit log.',
  '(app)/server/settings/+page.ts': 'Settings change only with a restart.',
};

/** Pages that reload themselves on a timer, because their data changes all the time. */
const onTimer = ['backups', 'health', 'log', 'mail', 'processing', 'uploads'].map(
  (name) => `(app)/server/${name}/+page.ts`,
);

const loads = readdirSync(routes, { recursive: true, encoding: 'utf8' })
  .map((file) => file.replaceAll('\\', '/'))
  .filter((file) => /^\(app\)\/(.*\/)?\+(page|layout)\.ts$/.test(file))
  .sort();

test.each(loads.filter((file) => !(file in notLive) && !onTimer.includes(file)))(
  '%s declares the topics that reload it',
  (file) => {
    expect(readFileSync(join(routes, file), 'utf8')).toMatch(/\bdepends\(\s*topics\./);
  },
);

test('every page listed as not live exists and declares no topic', () => {
  for (const file of Object.keys(notLive)) {
    expect(loads).toContain(file);
    expect(readFileSync(join(routes, file), 'utf8')).not.toMatch(/\bdepends\(\s*topics\./);
  }
});

test.each(onTimer)('%s reloads what its load depends on', (file) => {
  const key = /\bdepends\(('[^']+')\)/.exec(readFileSync(join(routes, file), 'utf8'))?.[1];
  expect(readFileSync(join(routes, file.replace('.ts', '.svelte')), 'utf8')).toContain(`reloadEvery(${key}`);
});

test('every page of signed-in people has its own load, so that the check covers it', () => {
  const pages = readdirSync(routes, { recursive: true, encoding: 'utf8' })
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => /^\(app\)\/.*\+page\.svelte$/.test(file));
  for (const page of pages) expect(loads).toContain(page.replace('.svelte', '.ts'));
});

test.each(Object.keys(topics))(
  'some page declares the topic %s, so that its events reload something',
  (topic) => {
    const declared = readdirSync(routes, { recursive: true, encoding: 'utf8' })
      .filter((file) => /\+(page|layout)(\.server)?\.ts$/.test(file))
      .map((file) => readFileSync(join(routes, file), 'utf8'))
      .filter((source) => source.includes('depends('));
    expect(declared.join('\n')).toContain(`topics.${topic}(`);
  },
);
