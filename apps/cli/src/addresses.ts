/** The address under which people reach the hub, for links that are printed. */
import type { Config } from '@turnover/config/config';

/** Listening on every address is not an address; on this machine it is reached as localhost. */
const everyAddress = ['0.0.0.0', '::', '[::]'];

export function linkTo(config: Pick<Config, 'publicUrl' | 'host' | 'port'>, path: string): string {
  if (config.publicUrl) return config.publicUrl + path;
  const host = everyAddress.includes(config.host) ? 'localhost' : config.host;
  return `http://${host.includes(':') && !host.startsWith('[') ? `[${host}]` : host}:${config.port}${path}`;
}
