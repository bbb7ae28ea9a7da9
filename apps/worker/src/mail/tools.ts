/** What sending mail needs in this process: the mail server of the settings, and the address that links lead to. */
import type { Config } from '@turnover/config/config';
import { openMailServer, type SendMail } from '@turnover/core/notifications/smtp';

export type MailTools = {
  /** Null: there is no mail server. */
  send: SendMail | null;
  /** The address people type. */
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

/** What a browser on the machine of the hub would be given. */
function servedAddress({ host, port }: Settings): string {
  const isEverywhere = host === '0.0.0.0' || host === '::';
  const name = isEverywhere ? 'localhost' : host.includes(':') ? `[${host}]` : host;
  return `http://${name}:${port}`;
}
