CREATE TABLE `replaced_stage_runs` (
	`id` text PRIMARY KEY NOT NULL,
	`file_id` text NOT NULL,
	`round` integer NOT NULL,
	`replaced_in` integer NOT NULL,
	`position` integer NOT NULL,
	`stage` text NOT NULL,
	`mode` text NOT NULL,
	`status` text NOT NULL,
	`failure` text,
	`informs` integer NOT NULL,
	`facts` text NOT NULL,
	`problem_count` integer NOT NULL,
	`problems` text NOT NULL,
	FOREIGN KEY (`file_id`) REFERENCES `delivered_files`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `replaced_stage_runs_by_file` ON `replaced_stage_runs` (`file_id`);