/** The address at which people reach the hub, for printed links. */
import type { Config } from '@turnover/config/config';

/** A server that listens on every address is reached as localhost on this machine. */
const everyAddress = ['0.0.0.0', '::', '[::]'];

export function linkTo(config: Pick<Config, 'publicUrl' | 'host' | 'port'>, path: string): string {
  if (config.publicUrl) return config.publicUrl + path;
  const host = everyAddress.includes(config.host) ? 'localhost' : config.host;
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${config.port}${path}`;
}
