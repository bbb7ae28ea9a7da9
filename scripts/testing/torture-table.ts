// Prints the table of the torture rows at the end of a run: how often each fault was tried, and what was lost.
import type { Reporter, TestCase, TestModule, Vitest } from 'vitest/node';
import type { RowReport } from '../../packages/core/src/testing/torture-row.ts';

const heads = ['row', 'trials', 'losses', 'time', 'seed', ''];

export default class TortureTable implements Reporter {
  #vitest: Vitest | undefined;

  onInit(vitest: Vitest): void {
    this.#vitest = vitest;
  }

  onTestRunEnd(modules: readonly TestModule[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()]);
    const lines = tests.flatMap((test) => {
      const report = test.meta().torture;
      return report ? [lineOf(test, report)] : [];
    });
    if (lines.length > 0) print([heads, ...lines]);
    const pattern = this.#vitest?.config.testNamePattern;
    if (!pattern || tests.some((test) => pattern.test(test.fullName))) return;
    const names = tests.map(({ name }) => name.split(':')[0]);
    console.error(`No test has this name. The rows are: ${names.join(', ')}.`);
    process.exitCode = 1;
  }
}

function lineOf(test: TestCase, { row, trials, losses, seed, note }: RowReport): string[] {
  const lost = test.result().state === 'passed' ? '0' : losses > 0 ? String(losses) : 'FAILED';
  const seconds = ((test.diagnostic()?.duration ?? 0) / 1000).toFixed(0);
  return [row, String(trials), lost, `${seconds} s`, String(seed), note];
}

function print(table: string[][]): void {
  const widths = heads.map((_, column) => Math.max(...table.map((line) => line[column]!.length)));
  console.log();
  for (const line of table) {
    const cells = line.map((cell, column) => cell.padEnd(widths[column]!));
    console.log(`  ${cells.join('  ').trimEnd()}`);
  }
}
