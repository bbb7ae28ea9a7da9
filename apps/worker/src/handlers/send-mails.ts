/**
 * Sends all mails to one address: composes due notifications into mails, stores these in the outbox and sends them one by
 * one.
 */
import { crashpoint } from '@turnover/core/crashpoints';
import { describeMailFailure } from '@turnover/core/notifications/smtp';
import {
  recordMailFailure,
  recordMailSent,
  withSecrets,
  type Mail,
  type MailFailure,
  type MailJob,
} from '@turnover/core/notifications/mails';
import { dropMails, hasWaitingMail, nextMail } from '@turnover/core/notifications/next-mail';
import { composeFor } from '../mail/compose.ts';
import type { Handler, WorkerTools } from './handler.ts';

const withdrawn: MailFailure = { message: 'The reason for this mail no longer applies.', isPermanent: true };
const noServer: MailFailure = { message: 'No mail server is configured.', isPermanent: false };

export const sendMails: Handler<'sendMails'> = {
  async run(tools, job, signal) {
    const { ctx, mail: mailTools } = tools;
    if (mailTools.send === null && !hasWaitingMail(ctx.db, job.payload.email)) return dropMails(ctx, job);
    const compose = composeFor(mailTools.publicUrl);
    for (let mail = nextMail(ctx, job, compose); mail; mail = nextMail(ctx, job, compose)) {
      await sendOne(tools, job, mail, signal);
    }
  },
  // Due notifications stay due: the next notification, or the next start of the worker, queues a new job.
  giveUp(_tx, ctx, job, reason) {
    ctx.log('error', 'mail.stuck', { job: job.id, reason });
  },
};

async function sendOne(
  { ctx, mail: mailTools, random }: WorkerTools,
  job: MailJob,
  mail: Mail,
  signal: AbortSignal,
): Promise<void> {
  const failure =
    mailTools.send === null ? noServer : await attempt(mailTools.send, withSecrets(ctx, job, mail), signal);
  if (failure === null) {
    crashpoint('mail.afterSend');
    recordMailSent(ctx, job, mail);
    ctx.log('info', 'mail.sent', { mail: mail.id, attempts: mail.attempts + 1 });
    return;
  }
  const fate = recordMailFailure(ctx, job, mail, failure, random());
  ctx.log(fate === 'failed' ? 'error' : 'warn', `mail.${fate}`, { mail: mail.id, reason: failure.message });
}

/** Sends one mail. Returns null when the mail server accepted it. A shutdown of the worker does not count as a failed attempt. */
async function attempt(
  send: NonNullable<WorkerTools['mail']['send']>,
  mail: Mail | null,
  signal: AbortSignal,
): Promise<MailFailure | null> {
  if (mail === null) return withdrawn;
  try {
    await send(mail, signal);
    return null;
  } catch (error) {
    signal.throwIfAborted();
    return describeMailFailure(error);
  }
}
