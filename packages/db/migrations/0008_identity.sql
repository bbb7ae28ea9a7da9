CREATE TABLE `company_makers` (
	`company_id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	FOREIGN KEY (`company_id`) REFERENCES `companies`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `company_makers_by_user` ON `company_makers` (`user_id`);--> statement-breakpoint
CREATE TABLE `guesses` (
	`id` integer PRIMARY KEY NOT NULL,
	`key` text NOT NULL,
	`at` integer NOT NULL,
	`until` integer NOT NULL
);
--> statement-breakpoint
CREATE INDEX `guesses_by_key` ON `guesses` (`key`);--> statement-breakpoint
CREATE INDEX `guesses_by_end` ON `guesses` (`until`);--> statement-breakpoint
CREATE TABLE `known_origins` (
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`hash` text NOT NULL,
	`used_at` integer NOT NULL,
	PRIMARY KEY(`user_id`, `kind`, `hash`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `known_origins_by_hash` ON `known_origins` (`hash`);--> statement-breakpoint
DROP TABLE `throttles`;--> statement-breakpoint
ALTER TABLE `one_time_links` ADD `invitation_id` text;--> statement-breakpoint
ALTER TABLE `one_time_links` ADD `is_mailed` integer DEFAULT false NOT NULL;--> statement-breakpoint
CREATE INDEX `one_time_links_of_person` ON `one_time_links` (`user_id`,`kind`);--> statement-breakpoint
ALTER TABLE `users` ADD `email_proved_at` integer;--> statement-breakpoint
ALTER TABLE `mails` ADD `secrets` text;--> statement-breakpoint
ALTER TABLE `invitations` ADD `mail_state` text;--> statement-breakpoint
ALTER TABLE `shares` ADD `claimant_id` text REFERENCES users(id);