/** Rewrites the table of metrics in docs/metrics.md. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Registry } from 'prom-client';
import { hubMetrics } from './gauges.ts';
import { webMetrics, type WebSources } from './web.ts';
import { workerMetrics } from './worker.ts';

const page = join(import.meta.dirname, '../../../docs/metrics.md');
const prefix = 'turnover_';

type Row = { name: string; type: string; labels: readonly string[]; process: string; help: string };

export function withMetrics(text: string): string {
  const rows = [...rowsOfHub(), ...rowsOf('web', webMetrics({} as WebSources).registry)];
  const table = [
    '| metric | type | labels | process | what it states |',
    '| --- | --- | --- | --- | --- |',
    ...[...rows, ...rowsOf('worker', workerMetrics().registry)].map(lineOf),
  ].join('\n');
  return text.replace(
    /<!-- metrics -->[^]*<!-- \/metrics -->/,
    () => `<!-- metrics -->\n\n${table}\n\n<!-- /metrics -->`,
  );
}

function rowsOfHub(): Row[] {
  return hubMetrics.map(({ name, help, label = [] }) => ({
    name,
    help,
    labels: label,
    type: 'gauge',
    process: 'web',
  }));
}

type Metric = { name: string; help: string; labelNames: string[]; constructor: { name: string } };

/** Our own; those of prom-client are in its documentation. */
function rowsOf(process: string, registry: Registry): Row[] {
  return (registry.getMetricsAsArray() as unknown as Metric[])
    .filter(({ name }) => name.startsWith(prefix))
    .map(({ name, help, labelNames, constructor }) => ({
      name,
      help,
      labels: labelNames,
      type: constructor.name.toLowerCase(),
      process,
    }));
}

function lineOf({ name, type, labels, process, help }: Row): string {
  const listed = labels.map((label) => `\`${label}\``).join(', ');
  return `| \`${name}\` | ${type} | ${listed} | ${process} | ${help} |`;
}

if (import.meta.main) writeFileSync(page, withMetrics(readFileSync(page, 'utf8')));
