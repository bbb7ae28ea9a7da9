import { describe, expect, test } from 'vitest';
import { dayFromInput, inputOfDay, inputOfMoment, momentFromInput } from './date-input.ts';

describe('date fields', () => {
  const at = new Date(2026, 10, 27, 18, 5).getTime();

  test('hold local time', () => {
    expect(inputOfMoment(at)).toBe('2026-11-27T18:05');
    expect(inputOfDay(at)).toBe('2026-11-27');
  });

  test('return the same moment', () => {
    expect(momentFromInput(inputOfMoment(at))).toBe(at);
  });

  test('start a day at local midnight', () => {
    expect(dayFromInput('2026-11-27')).toBe(new Date(2026, 10, 27).getTime());
  });

  test('read an empty field as null', () => {
    expect(momentFromInput('')).toBeNull();
    expect(dayFromInput('')).toBeNull();
  });
});
