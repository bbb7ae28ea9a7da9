CREATE TABLE `backup_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`due_at` integer,
	`asked_by` text,
	`status` text NOT NULL,
	`created_at` integer NOT NULL,
	`started_at` integer,
	`ended_at` integer,
	`folder` text,
	`name` text,
	`size_bytes` integer,
	`assets` integer,
	`failure` text,
	FOREIGN KEY (`asked_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `backup_runs_by_time` ON `backup_runs` (`created_at`);--> statement-breakpoint
CREATE INDEX `backup_runs_by_due` ON `backup_runs` (`due_at`);