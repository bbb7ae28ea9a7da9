CREATE TABLE `ignored_files` (
	`file_id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`list_id` text NOT NULL,
	`pattern` text NOT NULL,
	FOREIGN KEY (`file_id`) REFERENCES `delivered_files`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`list_id`) REFERENCES `delivered_files`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `ignored_files_by_request` ON `ignored_files` (`request_id`);--> statement-breakpoint
ALTER TABLE `asset_checksums` ADD `how` text;--> statement-breakpoint
ALTER TABLE `manifest_entries` ADD `previous_path` text;--> statement-breakpoint
ALTER TABLE `manifest_entries` ADD `computed_at` integer;--> statement-breakpoint
ALTER TABLE `manifest_entries` ADD `stated` text;--> statement-breakpoint
ALTER TABLE `manifests` ADD `creator` text;--> statement-breakpoint
ALTER TABLE `manifests` ADD `ignores` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
ALTER TABLE `manifests` ADD `history` text;