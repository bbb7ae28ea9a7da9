// For tests: commits numbered rows into a database, one after the other, and reports each number after its commit.
// node ledger-writer.ts <database> <name> <pause in milliseconds>
import { setTimeout as wait } from 'node:timers/promises';
import { openDatabase } from '@turnover/db/open';

const [path = '', name = '', pauseMs = '5'] = process.argv.slice(2);
const db = openDatabase(path);
const insert = db.$client.prepare(
  'insert into companies (id, name, name_key, created_at) values (?, ?, ?, ?)',
);
const last = db.$client.prepare('select coalesce(max(created_at), 0) from companies where id like ?');

for (let number = Number(last.pluck().get(`${name}_%`)) + 1; process.connected; number++) {
  insert.run(`${name}_${number}`, `${name} ${number}`, `${name} ${number}`, number);
  process.send!(number);
  await wait(Number(pauseMs));
}
db.$client.close();
