/** One language per request, mail or command: what runs inside sees it in every message. Node only. */
import { AsyncLocalStorage } from 'node:async_hooks';
import * as runtime from './paraglide/runtime.js';
import type { Locale } from './locale.ts';

const storage = new AsyncLocalStorage<{ locale?: Locale }>();
runtime.overwriteServerAsyncLocalStorage(storage);

export function withLocale<Result>(locale: Locale, run: () => Result): Result {
  return storage.run({ locale }, run);
}
