CREATE TABLE `audit_entries` (
	`seq` integer PRIMARY KEY NOT NULL,
	`at` integer NOT NULL,
	`area` text NOT NULL,
	`action` text NOT NULL,
	`actor_id` text,
	`actor` text,
	`via` text NOT NULL,
	`via_id` text,
	`address` text,
	`project_id` text,
	`subject` text,
	`details` text NOT NULL,
	`hash` text NOT NULL
);
--> statement-breakpoint
CREATE INDEX `audit_by_time` ON `audit_entries` (`at`);--> statement-breakpoint
CREATE INDEX `audit_by_actor` ON `audit_entries` (`actor_id`);--> statement-breakpoint
CREATE INDEX `audit_by_project` ON `audit_entries` (`project_id`);--> statement-breakpoint
CREATE INDEX `audit_by_subject` ON `audit_entries` (`subject`);--> statement-breakpoint
CREATE INDEX `audit_by_area` ON `audit_entries` (`area`);--> statement-breakpoint
CREATE TABLE `audit_seals` (
	`seq` integer PRIMARY KEY NOT NULL,
	`hash` text NOT NULL,
	`at` integer NOT NULL,
	`fingerprint` text NOT NULL,
	`public_key` text NOT NULL,
	`signature` text NOT NULL
);
