/** The person's notifications as the bell shows them: loaded when it opens, and again when a new one arrives. */
import { invalidate } from '$app/navigation';
import { topics } from '@turnover/domain/events';
import type { NotificationView } from '@turnover/domain/notifications';
import { wordsForCaught } from '#lib/errors.ts';
import { trpc } from '#lib/trpc.ts';

const pageSize = 30;
/** The most notifications that a reload keeps when the person has scrolled to older ones. */
const maxAtOnce = 100;

export class Inbox {
  notifications = $state.raw<NotificationView[]>([]);
  /** True once the first answer has arrived; until then, an empty list is not called empty. */
  loaded = $state(false);
  hasOlder = $state(false);
  busy = $state(false);
  problem = $state<string>();
  #nextCursor: string | null = null;
  #latest = 0;

  async load(): Promise<void> {
    const limit = Math.min(maxAtOnce, Math.max(pageSize, this.notifications.length));
    await this.#fetch(limit, null);
  }

  async loadOlder(): Promise<void> {
    await this.#fetch(pageSize, this.#nextCursor);
  }

  /** Marks notifications as read; null marks all of them. */
  async markRead(notificationIds: string[] | null): Promise<void> {
    const readAt = Date.now();
    const isMeant = ({ id }: NotificationView) => notificationIds?.includes(id) ?? true;
    this.notifications = this.notifications.map((each) =>
      each.readAt === null && isMeant(each) ? { ...each, readAt } : each,
    );
    try {
      await trpc.notifications.markRead.mutate({ notificationIds });
      await invalidate(topics.notifications());
    } catch (error) {
      this.problem = wordsForCaught(error);
      await this.load();
    }
  }

  /** Fetches notifications. Only the answer to the latest query counts, because an older one may arrive later. */
  async #fetch(limit: number, cursor: string | null): Promise<void> {
    const question = ++this.#latest;
    this.busy = true;
    try {
      const page = await trpc.notifications.list.query({ limit, cursor });
      if (question !== this.#latest) return;
      this.notifications =
        cursor === null ? page.notifications : [...this.notifications, ...page.notifications];
      this.#nextCursor = page.nextCursor;
      this.hasOlder = page.nextCursor !== null;
      this.loaded = true;
      this.problem = undefined;
    } catch (error) {
      if (question === this.#latest) this.problem = wordsForCaught(error);
    } finally {
      if (question === this.#latest) this.busy = false;
    }
  }
}
