/** The caller's inbox and mail settings. */
import { z } from 'zod';
import { listNotifications, markNotificationsRead } from '@turnover/core/notifications/inbox';
import { notificationSettingsOf, updateNotificationSettings } from '@turnover/core/notifications/settings';
import {
  listNotificationsInput,
  markReadInput,
  notificationListView,
  notificationSettingsView,
  updateNotificationSettingsInput,
} from '@turnover/domain/notifications';
import { signedIn } from '../procedures.ts';
import { t } from '../trpc.ts';

export const notificationsRouter = t.router({
  list: signedIn
    .input(listNotificationsInput)
    .output(notificationListView)
    .query(({ ctx, input }) => listNotifications(ctx.hub, input)),
  markRead: signedIn
    .input(markReadInput)
    .output(z.void())
    .mutation(({ ctx, input }) => markNotificationsRead(ctx.hub, input)),
  getSettings: signedIn.output(notificationSettingsView).query(({ ctx }) => notificationSettingsOf(ctx.hub)),
  updateSettings: signedIn
    .input(updateNotificationSettingsInput)
    .output(notificationSettingsView)
    .mutation(({ ctx, input }) => updateNotificationSettings(ctx.hub, input)),
});
