/** Gives each request, mail or command its own language, which all messages inside it use. Works only in Node. */
import { AsyncLocalStorage } from 'node:async_hooks';
import * as runtime from './paraglide/runtime.js';
import type { Locale } from './locale.ts';

const storage = new AsyncLocalStorage<{ locale?: Locale }>();
runtime.overwriteServerAsyncLocalStorage(storage);

export function withLocale<Result>(locale: Locale, run: () => Result): Result {
  return storage.run({ locale }, run);
}
