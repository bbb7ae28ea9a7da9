CREATE TABLE `sign_ins` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`session_id` text,
	`method` text,
	`user_agent` text NOT NULL,
	`address` text,
	`created_at` integer NOT NULL,
	`last_used_at` integer NOT NULL,
	`ended_at` integer,
	`ended_by` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `sign_ins_session_id_unique` ON `sign_ins` (`session_id`);--> statement-breakpoint
CREATE INDEX `sign_ins_by_user` ON `sign_ins` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `sign_ins_by_end` ON `sign_ins` (`ended_at`);--> statement-breakpoint
-- Sessions of before are sign-ins in force too: their people must see them to end them.
INSERT INTO `sign_ins` (`id`, `user_id`, `session_id`, `user_agent`, `created_at`, `last_used_at`)
  SELECT turnover_sign_in_id(`created_at`), `user_id`, `id`, `user_agent`, `created_at`, `created_at` FROM `sessions`;--> statement-breakpoint
ALTER TABLE `sessions` DROP COLUMN `user_agent`;