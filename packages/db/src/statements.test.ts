import { eq, sql } from 'drizzle-orm';
import { integer, sqliteTable, text } from 'drizzle-orm/sqlite-core';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { openDatabase, type Database } from './open.ts';
import { inTransaction } from './transaction.ts';

const words = sqliteTable('words', { id: integer('id').primaryKey(), word: text('word') });
let db: Database;
beforeEach(() => {
  db = openDatabase(':memory:');
  db.$client.exec(
    "create table words (id integer primary key, word text); insert into words values (1, 'one')",
  );
});
afterEach(() => db.$client.close());

const read = () => db.select().from(words).where(eq(words.id, 1)).get();

test('prepares each text once', () => {
  const prepare = vi.spyOn(db.$client, 'prepare');
  for (let time = 0; time < 3; time++) expect(read()).toEqual({ id: 1, word: 'one' });
  expect(prepare).toHaveBeenCalledTimes(1);
});

test('returns rows for drizzle and for SQLite from the same text, alternately', () => {
  const query = db
    .select({ id: words.id })
    .from(words)
    .where(eq(words.id, sql.raw('1')));
  const { sql: written } = query.toSQL();
  for (let time = 0; time < 2; time++) {
    expect(query.all()).toEqual([{ id: 1 }]);
    expect(db.all(sql.raw(written))).toEqual([{ id: 1 }]);
    expect(db.get(sql.raw(written))).toEqual({ id: 1 });
    expect(db.values(sql.raw(written))).toEqual([[1]]);
  }
});

test('runs a statement while the rows of the same text are being read', () => {
  db.insert(words).values({ id: 2, word: 'two' }).run();
  const all = () => db.select().from(words).all();
  expect(all().map(() => all().length)).toEqual([2, 2]);
});

test('works after the columns of a table change', () => {
  expect(db.all(sql`select * from words`)).toEqual([{ id: 1, word: 'one' }]);
  db.$client.exec('alter table words add column language text');
  expect(db.all(sql`select * from words`)).toEqual([{ id: 1, word: 'one', language: null }]);
});

test('runs a failed statement again', () => {
  const insert = () => db.insert(words).values({ id: 1, word: 'again' }).run();
  expect(insert).toThrow(/UNIQUE/);
  inTransaction(db, (tx) => tx.delete(words).run());
  expect(insert().changes).toBe(1);
});

test('drops the oldest of many different texts', () => {
  for (let number = 0; number < 2000; number++) db.get(sql.raw(`select ${number}`));
  expect(read()).toEqual({ id: 1, word: 'one' });
});
