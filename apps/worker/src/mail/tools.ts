/** The dependencies for sending mail: the configured mail server, and the address for links. */
import type { Config } from '@turnover/config/config';
import { openMailServer, type SendMail } from '@turnover/core/notifications/smtp';

export type MailTools = {
  /** Null when no mail server is configured. */
  send: SendMail | null;
  /** The address of the hub for links in mails. */
  publicUrl: string;
};

type Settings = Pick<Config, 'smtpUrl' | 'mailFrom' | 'publicUrl' | 'host' | 'port'>;

export function mailToolsFrom(settings: Settings): MailTools {
  const publicUrl = settings.publicUrl ?? servedAddress(settings);
  const { smtpUrl: url } = settings;
  if (url === undefined) return { send: null, publicUrl };
  const from = settings.mailFrom ?? `Turnover <turnover@${new URL(publicUrl).hostname}>`;
  return { send: openMailServer({ url, from }), publicUrl };
}

/** The address of the hub for a browser on the same machine. */
function servedAddress({ host, port }: Settings): string {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
