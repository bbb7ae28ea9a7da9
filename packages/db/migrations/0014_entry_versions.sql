CREATE TABLE `entry_versions` (
	`id` text PRIMARY KEY NOT NULL,
	`entry_id` text NOT NULL,
	`asset_id` text NOT NULL,
	`number` integer NOT NULL,
	`size_bytes` integer NOT NULL,
	`replaced_at` integer NOT NULL,
	`replaced_by` text NOT NULL,
	FOREIGN KEY (`entry_id`) REFERENCES `entries`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`asset_id`) REFERENCES `assets`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`replaced_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `entry_versions_once` ON `entry_versions` (`entry_id`,`number`);--> statement-breakpoint
CREATE INDEX `entry_versions_by_asset` ON `entry_versions` (`asset_id`);--> statement-breakpoint
CREATE INDEX `entry_versions_by_end` ON `entry_versions` (`replaced_at`);--> statement-breakpoint
ALTER TABLE `entries` ADD `version` integer DEFAULT 1 NOT NULL;