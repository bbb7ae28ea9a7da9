import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { layoutOf, layoutSteps, nextSort, type Column } from './columns.ts';

const size: Column = { key: 'size', label: 'Size', width: 70 };
const state: Column = { key: 'state', label: 'State', width: 130, stays: true };
const where: Column = { key: 'where', label: 'Where', width: 300 };

describe('the layouts of a list', () => {
  test('have columns as soon as the name has enough width beside them', () => {
    const shape = { columns: [size, { ...size, key: 'other' }], hasCheck: true, actions: null };
    // 16 + 70 + 70 with their gaps, the padding, and 246 for the name.
    expect(layoutOf(shape).classes).toBe('columns-480');
  });

  test('keep the staying columns while the others stand below the name', () => {
    const shape = { columns: [where, state], hasCheck: true, actions: { wide: 30, narrow: 30 } };
    expect(layoutOf(shape).classes).toBe('columns-880 mixed-560');
  });

  test('are lines until the labels of the columns below the name fit beside it', () => {
    const labelled = (label: string): Column => ({ key: label, label, width: 300, sort: 'text' });
    const shapeOf = (...labels: string[]) => ({
      columns: [...labels.map(labelled), state],
      hasCheck: true,
      actions: null,
    });
    expect(layoutOf(shapeOf('Size', 'Changed', 'Shared')).classes).toContain('mixed-480');
    expect(layoutOf(shapeOf('Tamaño', 'Modificado', 'Compartido')).classes).toContain('mixed-560');
  });

  test('give the name the width that the columns leave', () => {
    const { style } = layoutOf({
      columns: [where, state],
      hasCheck: true,
      actions: { wide: 30, narrow: 44 },
    });
    expect(style).toContain(
      '--columns-tracks: [check] 16px [name] minmax(246px, 1fr) 300px 130px [actions] 30px',
    );
    expect(style).toContain('--mixed-tracks: [check] 16px [name] minmax(246px, 1fr) 130px [actions] 44px');
    expect(style).toContain('--lines-tracks: [check] 16px [name] minmax(0, 1fr) [actions] 44px');
  });

  test('are never columns when the columns leave too little at every step', () => {
    const columns = [1, 2, 3, 4, 5].map((each) => ({ ...where, key: `where${each}` }));
    expect(layoutOf({ columns, hasCheck: false, actions: null }).classes).toBe('columns-Infinity');
  });

  test('give a column that grows its share', () => {
    const { style } = layoutOf({ columns: [{ ...where, grows: 2 }], hasCheck: false, actions: null });
    expect(style).toContain('--columns-tracks: [name] minmax(246px, 1fr) minmax(300px, 2fr);');
  });

  test('have no track for actions that stand below the facts', () => {
    const { style } = layoutOf({ columns: [size], hasCheck: false, actions: { wide: 196, narrow: 0 } });
    expect(style).toContain('--lines-tracks: [name] minmax(0, 1fr);');
  });
});

test('the style sheet has a rule for each step', () => {
  const css = readFileSync(join(import.meta.dirname, 'list-layouts.css'), 'utf8');
  const rules = [...css.matchAll(/@container list \(width >= (\d+)px\) (\{[^}]*\}[^}]*\}\s*\})/g)];
  expect(rules.map((rule) => Number(rule[1]))).toEqual([...layoutSteps]);
  expect(new Set(rules.map((rule) => rule[2]?.replaceAll(rule[1]!, 'step'))).size).toBe(1);
});

test('choosing the same column again reverses the order', () => {
  const once = nextSort('size', { column: 'name', descending: false });
  expect(once).toEqual({ column: 'size', descending: false });
  expect(nextSort('size', once)).toEqual({ column: 'size', descending: true });
  expect(nextSort('size', undefined)).toEqual({ column: 'size', descending: false });
});
