import { audited } from '@turnover/core/audit/record';
import { findActivePerson, findUser } from '@turnover/core/people/accounts';
import { createToken } from '@turnover/core/people/tokens';
import { HubError } from '@turnover/domain/errors';
import { tokenNameInput } from '@turnover/domain/people/tokens';
import type { Command } from '../command.ts';
import { UsageError } from '../usage-error.ts';
import { requireDatabase, withHub } from '../with-hub.ts';
import { readEmail, readWords } from '../words.ts';

const usage = 'token create <email> [--name <what it is for>]';

export const createTokenFor: Command = {
  usage,
  sentence: 'Creates an API token that acts as this person and prints it. It is shown only once.',
  async run(words, { config }, output) {
    const { positionals, values } = readWords(words, usage, {
      name: { type: 'string', default: 'command line' },
    });
    const email = readEmail(positionals, usage);
    const input = tokenNameInput.safeParse({ name: values.name });
    if (!input.success) throw new UsageError(`The name must have 1 to 80 characters.\nUsage: ${usage}`);
    requireDatabase(config.dataFolder);
    await withHub(config, (ctx) => {
      const person = findActivePerson(ctx.db, findUser(ctx.db, email)?.id ?? '');
      if (!person) throw new HubError('not_found', `No active account has the address ${email}.`);
      const act = {
        action: 'commands.createToken',
        actor: null,
        subject: person.id,
        details: { ...input.data, email },
      };
      output.print(createToken({ ...audited(ctx, () => act), person }, input.data).token);
    });
  },
};
