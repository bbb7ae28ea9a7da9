/** Column types shared by all tables. */
import { integer, text } from 'drizzle-orm/sqlite-core';

/** A column of times in epoch milliseconds. */
export const at = (name: string) => integer(name, { mode: 'number' });
export const id = () => text('id').primaryKey();
export const flag = (name: string) => integer(name, { mode: 'boolean' });
export const bytes = (name: string) => integer(name, { mode: 'number' });
