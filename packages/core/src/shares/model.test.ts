/** Plays random moves on a hub and on the model of `testing/share-model.ts`. A failure shrinks to the relevant moves. */
import fc from 'fast-check';
import { expect, inject, test } from 'vitest';
import { entryDownloads } from '@turnover/db/schema/entries';
import { beginGame, type Game } from '../testing/share-model.ts';

/** Number of games. Each has up to `maxMoves` moves, half as many on average. */
const games = inject('isLong') ? 160 : 12;
const maxMoves = 250;
const compareEvery = 40;
/** Time limit for shrinking a failure, which replays whole games. Then it reports the shortest game found so far. */
const maxMs = inject('isLong') ? 14 * 60_000 : 90_000;

type Kind = Parameters<Game['play']>[0];
const weights: Record<Kind, number> = {
  makeFolder: 14,
  share: 40,
  revoke: 4,
  forbidSharing: 3,
  move: 20,
  remove: 4,
  restore: 9,
  comeOrGo: 2,
  passTime: 3,
};

/** The most random numbers that one move uses. */
const diceOfMove = 10;

class Move implements fc.AsyncCommand<{ played: number }, Game> {
  readonly #kind: Kind;
  readonly #dice: number[];

  constructor(kind: Kind, dice: number[]) {
    this.#kind = kind;
    this.#dice = dice;
  }

  check(): boolean {
    return true;
  }

  async run(model: { played: number }, game: Game): Promise<void> {
    await game.play(this.#kind, this.#dice);
    model.played += 1;
    if (model.played % compareEvery === 0) game.compare();
  }

  toString(): string {
    return `${this.#kind}(${this.#dice.map((number) => number.toFixed(2)).join(' ')})`;
  }
}

/** Evenly spread over [0, 1), shrinking towards 0. */
const die = fc.noBias(fc.integer({ min: 0, max: 9999 })).map((number) => number / 10_000);
const dice = fc.array(die, { minLength: diceOfMove, maxLength: diceOfMove });
const kind = fc.oneof(
  ...Object.entries(weights).map(([each, weight]) => ({ weight, arbitrary: fc.constant(each as Kind) })),
);
const move = fc.tuple(kind, dice).map(([each, numbers]) => new Move(each, numbers));

test('the hub and the model agree on who sees what', { timeout: 15 * 60_000 }, async () => {
  let played = 0;
  let resharings = 0;
  const property = fc.asyncProperty(
    fc.commands([move], { maxCommands: maxMoves, size: 'max' }),
    async (moves) => {
      const game = await beginGame();
      const model = { played: 0 };
      try {
        await fc.asyncModelRun(() => ({ model, real: game }), moves);
        game.compare();
        expect(game.hub.db.select().from(entryDownloads).all()).toEqual([]);
      } finally {
        played += model.played;
        resharings += game.resharings();
        game.hub.close();
      }
    },
  );
  await fc.assert(property, { numRuns: games, interruptAfterTimeLimit: maxMs });
  // Without chains of shares, the test would prove nothing.
  expect(resharings).toBeGreaterThan(played / 50);
  console.log(`${played} moves, ${resharings} shares depend on another`);
});
