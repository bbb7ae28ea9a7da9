CREATE TABLE `media_problems` (
	`stage_run_id` text NOT NULL,
	`position` integer NOT NULL,
	`code` text NOT NULL,
	`severity` text NOT NULL,
	`details` text NOT NULL,
	PRIMARY KEY(`stage_run_id`, `position`),
	FOREIGN KEY (`stage_run_id`) REFERENCES `stage_runs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
CREATE TABLE `media_reports` (
	`stage_run_id` text PRIMARY KEY NOT NULL,
	`report` text NOT NULL,
	FOREIGN KEY (`stage_run_id`) REFERENCES `stage_runs`(`id`) ON UPDATE no action ON DELETE cascade
);
--> statement-breakpoint
ALTER TABLE `stage_runs` ADD `problem_count` integer DEFAULT 0 NOT NULL;