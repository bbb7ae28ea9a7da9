/** What this process needs to send mail: the configured mail server and the address that links point to. */
import type { Config } from '@turnover/config/config';
import { openMailServer, type SendMail } from '@turnover/core/notifications/smtp';

export type MailTools = {
  /** Null when no mail server is configured. */
  send: SendMail | null;
  /** The address of the hub as people type it. */
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

/** The address at which a browser on the hub's own machine reaches it. */
function servedAddress({ host, port }: Settings): string {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
