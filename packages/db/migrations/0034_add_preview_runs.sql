CREATE TABLE `preview_runs` (
	`asset_id` text PRIMARY KEY NOT NULL,
	`name` text NOT NULL,
	`asked_by` text NOT NULL,
	`asked_at` integer NOT NULL,
	`ended_at` integer,
	`reason` text,
	`report` text,
	FOREIGN KEY (`asset_id`) REFERENCES `assets`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`asked_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `preview_runs_waiting` ON `preview_runs` (`asked_by`) WHERE "preview_runs"."ended_at" is null;