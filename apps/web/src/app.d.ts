// What SvelteKit's App namespace holds in this app.
import type { Credentials } from '@turnover/core/people/sign-in';
import type { Person } from '@turnover/core/context';
import type { ErrorCode } from '@turnover/domain/errors';
import type { Appearance } from '#lib/appearance.ts';
import type { HubRequest } from '#lib/server/hub.ts';

declare global {
  namespace App {
    interface Locals {
      appearance: Appearance;
      /** Null: nobody is signed in. */
      person: Person | null;
      /** Undefined for whoever came with a token. */
      sessionId: string | undefined;
      credentials: Credentials;
      /** The id of the newest event when the request came in. */
      loadedAt: number;
    }
    interface PageData {
      /** Shown in the title of the window before the name of the product. */
      title?: string;
    }
    interface Error {
      /** Of a failure that was foreseen; the page has words for it. */
      code?: ErrorCode;
      /** What the system under the hub refused. */
      reason?: string;
      /** Names a failure that nobody foresaw in the log. */
      id?: string;
    }
    interface Platform {
      req: HubRequest;
    }
  }
}
