// How far back the log is shown.
export const spans = ['hour', 'day', 'week'] as const;

const hourMs = 3600_000;
const lengths = { hour: hourMs, day: 24 * hourMs, week: 7 * 24 * hourMs };

export function beginOf(span: (typeof spans)[number] | undefined): number | undefined {
  return span && Date.now() - lengths[span];
}
