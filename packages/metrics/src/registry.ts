// The metrics of one process: what Prometheus reads, as text.
import { collectDefaultMetrics, Registry } from 'prom-client';

export type Process = 'web' | 'worker';

/** These gauges of prom-client have names of counters, which promtool refuses. */
const misnamed = [
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
  'nodejs_active_resources_total',
];

/** A registry with memory, processor time, garbage collection and event-loop lag of this process. */
export function openRegistry(process: Process): Registry {
  const registry = new Registry();
  registry.setDefaultLabels({ process });
  collectDefaultMetrics({ register: registry });
  for (const name of misnamed) registry.removeSingleMetric(name);
  return registry;
}
