CREATE TABLE `manifest_comparisons` (
	`request_id` text PRIMARY KEY NOT NULL,
	`wanted` integer NOT NULL,
	`done` integer NOT NULL,
	`lists` integer NOT NULL,
	`counts` text,
	`told` text,
	`algorithms` text NOT NULL,
	`compared_at` integer,
	`next_at` integer NOT NULL,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `manifest_entries` (
	`list_id` text NOT NULL,
	`number` integer NOT NULL,
	`path` text NOT NULL,
	`algorithms` text NOT NULL,
	`value` text NOT NULL,
	`size_bytes` integer,
	`line` integer NOT NULL,
	`notes` text NOT NULL,
	`file_id` text,
	`verdict` text DEFAULT 'missing' NOT NULL,
	`algorithm` text,
	`match_notes` text DEFAULT '' NOT NULL,
	PRIMARY KEY(`list_id`, `number`),
	FOREIGN KEY (`list_id`) REFERENCES `delivered_files`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`file_id`) REFERENCES `delivered_files`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `manifest_entries_by_file` ON `manifest_entries` (`file_id`) WHERE "manifest_entries"."file_id" is not null;--> statement-breakpoint
CREATE INDEX `manifest_entries_by_verdict` ON `manifest_entries` (`list_id`,`verdict`,`number`);--> statement-breakpoint
CREATE TABLE `manifests` (
	`file_id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`kind` text NOT NULL,
	`what` text NOT NULL,
	`notes` text NOT NULL,
	`entries` integer NOT NULL,
	`unread` integer NOT NULL,
	`read_at` integer NOT NULL,
	FOREIGN KEY (`file_id`) REFERENCES `delivered_files`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `manifests_by_request` ON `manifests` (`request_id`);