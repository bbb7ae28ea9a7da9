DROP INDEX `entries_trashed`;--> statement-breakpoint
CREATE INDEX `entries_by_deletion` ON `entries` (`deleted_at`) WHERE "entries"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX `entries_trashed` ON `entries` (`project_id`,`owner_id`,`deleted_at`,`id`) WHERE "entries"."deleted_at" is not null;--> statement-breakpoint
CREATE INDEX `notifications_by_age` ON `notifications` (`created_at`);--> statement-breakpoint
CREATE INDEX `notifications_in_mail` ON `notifications` (`mail_id`) WHERE "notifications"."mail_id" is not null;--> statement-breakpoint
CREATE INDEX `invitations_by_email` ON `invitations` (`email`);