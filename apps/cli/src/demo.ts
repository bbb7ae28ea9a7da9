/**
 * Runs the demonstration against the hub at the given address: creates its people, prints their passwords, and lets them work
 * through the API as programs do. Then it waits until the hub stops, so that its supervisor does not restart it.
 */
import { loadSettings } from '@turnover/config/load-settings';
import { findActivePerson, findUser } from '@turnover/core/people/accounts';
import { castPeople, parts, password, type PartName, type Players } from './demo/cast.ts';
import { callerOf } from './demo/client.ts';
import { playStory } from './demo/story.ts';
import { withHub } from './with-hub.ts';

const { config } = loadSettings(process.env);
const address = config.publicUrl ?? process.argv[2]!;
process.on('disconnect', () => process.exit());

const players = await withHub(config, (ctx) => {
  const owner = findActivePerson(ctx.db, findUser(ctx.db, config.owner!.email)!.id)!;
  return castPeople(ctx, owner);
});
console.log(signIns());
try {
  await playStory(callers(players), sceneOf(players), Date.now());
  console.log(`\nThe project is filled. Look around: ${address}`);
} catch (error) {
  console.error(`The story stopped: ${(error as Error).message}`);
}

function signIns(): string {
  const people = [
    ['Owner', config.owner!.email, config.owner!.password],
    ...Object.values(parts).map(({ name, email, role, company }) => [
      `${name}, ${role}, ${company}`,
      email,
      password,
    ]),
  ];
  const lines = people.map(([who, email, secret]) => `  ${email!.padEnd(20)} ${secret!.padEnd(16)} ${who}`);
  return `\nSign in at ${address}\n\n${lines.join('\n')}\n\nThey are at work now: uploads, deliveries, a redelivery …`;
}

function callers({ tokens }: Players) {
  const caller = (part: PartName) => callerOf(address, tokens[part]);
  return {
    coordinator: caller('coordinator'),
    mixer: caller('mixer'),
    subtitler: caller('subtitler'),
    artist: caller('artist'),
  };
}

function sceneOf({ projectId, companies }: Players) {
  const company = (part: PartName) => companies.get(parts[part].company)!;
  return {
    projectId,
    companies: { sound: company('mixer'), text: company('subtitler'), vfx: company('artist') },
  };
}
