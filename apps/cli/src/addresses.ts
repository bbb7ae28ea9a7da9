/** Builds links to the hub, for printing. */
import type { Config } from '@turnover/config/config';

/** Hosts that mean "listens on every address". Links then use `localhost`. */
const everyAddress = ['0.0.0.0', '::', '[::]'];

export function linkTo(config: Pick<Config, 'publicUrl' | 'host' | 'port'>, path: string): string {
  if (config.publicUrl) return config.publicUrl + path;
  const host = everyAddress.includes(config.host) ? 'localhost' : config.host;
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${config.port}${path}`;
}
