// The types of SvelteKit's App namespace in this app.
import type { Authenticated, Credentials } from '@turnover/core/people/sign-in';
import type { Person } from '@turnover/core/context';
import type { ErrorCode } from '@turnover/domain/errors';
import type { Appearance } from '#lib/appearance.ts';
import type { HubRequest } from '#lib/server/hub.ts';

declare global {
  namespace App {
    interface Locals {
      appearance: Appearance;
      /** Null when nobody is signed in. */
      person: Person | null;
      /** Who signed in and must set up a second factor before anything else. Then `person` is null. */
      held: Authenticated | null;
      /** Undefined for requests with an API token. */
      sessionId: string | undefined;
      /** The id of the API token that came with the request, if any. */
      tokenId: string | undefined;
      credentials: Credentials;
      /** The id of the newest event when the request arrived. */
      loadedAt: number;
    }
    interface PageData {
      /** First part of the window title, before the product name. */
      title?: string;
    }
    interface Error {
      /** Code of an expected failure; the page has a text for it. */
      code?: ErrorCode;
      /** Why the operating system refused the operation, if it did. */
      reason?: string;
      /** Id of an unexpected failure in the log. */
      id?: string;
    }
    interface Platform {
      req: HubRequest;
    }
  }
}
