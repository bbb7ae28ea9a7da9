CREATE TABLE `archives` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`project_id` text NOT NULL,
	`request_id` text,
	`selection` text NOT NULL,
	`created_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `archives_of_person` ON `archives` (`user_id`,`created_at`);--> statement-breakpoint
CREATE INDEX `archives_by_age` ON `archives` (`created_at`);--> statement-breakpoint
ALTER TABLE `assets` ADD `crc32` integer;