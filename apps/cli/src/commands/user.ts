import { audited } from '@turnover/core/audit/record';
import { addAccount, findUser, type User } from '@turnover/core/people/accounts';
import type { Context } from '@turnover/core/context';
import { disconnectByCommand } from '@turnover/core/oidc/disconnect';
import { createResetLink } from '@turnover/core/people/links';
import { allowPassword } from '@turnover/core/people/password-policy';
import { resetByCommand } from '@turnover/core/people/second-factor';
import { personNameSchema } from '@turnover/domain/people/accounts';
import { HubError } from '@turnover/domain/errors';
import { linkTo } from '../addresses.ts';
import type { Command } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { requireDatabase, withHub } from '../with-hub.ts';
import { readEmail, readWords } from '../words.ts';

const addUsage = 'user add <email> [--name <name>] [--owner]';
const resetUsage = 'user reset-password <email>';
const allowUsage = 'user allow-password <email>';
const disconnectUsage = 'user disconnect <email>';
const resetFactorUsage = 'user reset-second-factor <email>';

export const addUser: Command = {
  usage: addUsage,
  sentence: 'Adds a person, with --owner an owner of the hub, and prints a link to choose the password.',
  async run(words, { config }, output) {
    const { positionals, values } = readWords(words, addUsage, {
      name: { type: 'string' },
      owner: { type: 'boolean', default: false },
    });
    const email = readEmail(positionals, addUsage);
    const name = personNameSchema.safeParse(values.name ?? email.split('@')[0]);
    if (!name.success) throw new UsageError(`The name must have 1 to 120 characters.\nUsage: ${addUsage}`);
    await withHub(config, (ctx) => {
      const details = { email, isOwner: values.owner };
      const adding = audited(ctx, () => ({ action: 'commands.addUser', actor: null, details }));
      addAccount(adding, { email, name: name.data, isOwner: values.owner });
      output.print(linkTo(config, createResetLink(ctx, email)));
    });
  },
};

export const resetUserPassword: Command = {
  usage: resetUsage,
  sentence: 'Prints a link with which this person chooses a new password; it opens once.',
  async run(words, { config }, output) {
    const email = readEmail(readWords(words, resetUsage, {}).positionals, resetUsage);
    requireDatabase(config.dataFolder);
    await withHub(config, (ctx) => {
      const user = requireUser(ctx, email);
      const act = { action: 'commands.resetPassword', actor: null, subject: user.id, details: { email } };
      output.print(
        linkTo(
          config,
          createResetLink(
            audited(ctx, () => act),
            email,
          ),
        ),
      );
    });
  },
};

export const resetUserSecondFactor: Command = {
  usage: resetFactorUsage,
  sentence:
    'Removes the second factor of a person who lost it; owners can do it for others on the page Sign-ins.',
  async run(words, { config }, output) {
    const email = readEmail(readWords(words, resetFactorUsage, {}).positionals, resetFactorUsage);
    requireDatabase(config.dataFolder);
    await withHub(config, (ctx) => {
      const user = requireUser(ctx, email);
      const details = { email };
      const act = { action: 'commands.resetSecondFactor', actor: null, subject: user.id, details };
      resetByCommand(
        audited(ctx, () => act),
        user,
      );
      output.print(`${email} signs in with the password alone, and gets a notification.`);
    });
  },
};

export const allowUserPassword: Command = {
  usage: allowUsage,
  sentence:
    'Lets a person sign in with the password for an hour although TURNOVER_OIDC_ONLY is set: the OpenID provider is down, or the account is not connected yet.',
  async run(words, { config }, output) {
    const email = readEmail(readWords(words, allowUsage, {}).positionals, allowUsage);
    requireDatabase(config.dataFolder);
    await withHub(config, (ctx) => {
      const user = requireUser(ctx, email);
      const act = { action: 'commands.allowPassword', actor: null, subject: user.id, details: { email } };
      const until = allowPassword(
        audited(ctx, () => act),
        user.id,
      );
      output.print(`Until ${new Date(until).toISOString()}: ${linkTo(config, '/sign-in?password')}`);
    });
  },
};

export const disconnectUser: Command = {
  usage: disconnectUsage,
  sentence:
    'Disconnects a person from the OpenID provider, so that another account can be connected, and ends the sign-ins that it began.',
  async run(words, { config }, output) {
    const email = readEmail(readWords(words, disconnectUsage, {}).positionals, disconnectUsage);
    requireDatabase(config.dataFolder);
    await withHub(config, (ctx) => {
      const user = requireUser(ctx, email);
      const act = { action: 'commands.disconnect', actor: null, subject: user.id, details: { email } };
      disconnectByCommand(
        audited(ctx, () => act),
        user.id,
      );
      output.print(`${email} is not connected any more, and gets a notification.`);
    });
  },
};

function requireUser(ctx: Context, email: string): User {
  const user = findUser(ctx.db, email);
  if (!user) throw new HubError('not_found', `No account has the address ${email}.`);
  return user;
}
