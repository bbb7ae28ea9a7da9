CREATE TABLE `restores` (
	`id` text PRIMARY KEY NOT NULL,
	`backup` text NOT NULL,
	`ordered_by` text,
	`state` text NOT NULL,
	`created_at` integer NOT NULL,
	`reason` text,
	`restore_point` text
);
--> statement-breakpoint
CREATE INDEX `restores_by_time` ON `restores` (`created_at`);