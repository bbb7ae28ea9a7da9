CREATE TABLE `comments` (
	`id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`author_id` text NOT NULL,
	`text` text NOT NULL,
	`mentions` text NOT NULL,
	`created_at` integer NOT NULL,
	`edited_at` integer,
	`deleted_at` integer,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`author_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `comments_of_request` ON `comments` (`request_id`,`id`);--> statement-breakpoint
CREATE TABLE `reason_pins` (
	`id` text PRIMARY KEY NOT NULL,
	`redelivery_id` text NOT NULL,
	`request_id` text NOT NULL,
	`round` integer NOT NULL,
	`reason` text NOT NULL,
	`file_id` text,
	`timecode_in` text,
	`timecode_out` text,
	`note` text DEFAULT '' NOT NULL,
	`answer` text,
	`answer_comment` text DEFAULT '' NOT NULL,
	`answered_by` text,
	`answered_at` integer,
	`checked_by` text,
	`checked_at` integer,
	FOREIGN KEY (`redelivery_id`) REFERENCES `redeliveries`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`file_id`) REFERENCES `delivered_files`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`answered_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`checked_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `reason_pins_of_request` ON `reason_pins` (`request_id`,`round`);--> statement-breakpoint
CREATE INDEX `reason_pins_of_file` ON `reason_pins` (`file_id`) WHERE "reason_pins"."file_id" is not null;--> statement-breakpoint
CREATE INDEX `reason_pins_of_redelivery` ON `reason_pins` (`redelivery_id`);--> statement-breakpoint
CREATE TABLE `reasons` (
	`code` text PRIMARY KEY NOT NULL,
	`position` integer NOT NULL,
	`severity` text NOT NULL,
	`text_required` integer NOT NULL,
	`name` text,
	`description` text,
	`prevention` text,
	`cure` text,
	`archived_at` integer,
	`updated_at` integer NOT NULL,
	`updated_by` text NOT NULL,
	FOREIGN KEY (`updated_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `request_type_versions` (
	`type_id` text NOT NULL,
	`version` integer NOT NULL,
	`rules` text NOT NULL,
	`created_at` integer NOT NULL,
	`created_by` text,
	PRIMARY KEY(`type_id`, `version`),
	FOREIGN KEY (`type_id`) REFERENCES `request_types`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`created_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `request_types` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`name` text NOT NULL,
	`name_key` text NOT NULL,
	`description` text DEFAULT '' NOT NULL,
	`version` integer DEFAULT 1 NOT NULL,
	`archived_at` integer,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `request_types_name_once` ON `request_types` (`project_id`,`name_key`);--> statement-breakpoint
CREATE TABLE `rule_overrides` (
	`id` text PRIMARY KEY NOT NULL,
	`request_id` text NOT NULL,
	`round` integer NOT NULL,
	`rule` text NOT NULL,
	`path` text DEFAULT '' NOT NULL,
	`path_key` text DEFAULT '' NOT NULL,
	`reason` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	FOREIGN KEY (`request_id`) REFERENCES `requests`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `rule_overrides_once` ON `rule_overrides` (`request_id`,`rule`,`path_key`);--> statement-breakpoint
ALTER TABLE `delivered_files` ADD `purged_at` integer;--> statement-breakpoint
CREATE INDEX `delivered_files_in_trash` ON `delivered_files` (`request_id`,`removed_at`) WHERE "delivered_files"."removed_at" is not null and "delivered_files"."purged_at" is null;--> statement-breakpoint
CREATE INDEX `delivered_files_to_purge` ON `delivered_files` (`removed_at`) WHERE "delivered_files"."removed_at" is not null and "delivered_files"."purged_at" is null;--> statement-breakpoint
ALTER TABLE `requests` ADD `type_id` text REFERENCES request_types(id);--> statement-breakpoint
ALTER TABLE `requests` ADD `type_version` integer;--> statement-breakpoint
ALTER TABLE `requests` ADD `automatic_submit` integer DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE `requests` ADD `removal` text;--> statement-breakpoint
ALTER TABLE `requests` ADD `warned_of` text;--> statement-breakpoint
CREATE INDEX `requests_by_type` ON `requests` (`type_id`,`type_version`);--> statement-breakpoint
CREATE INDEX `events_of_project` ON `events` (`project_id`,`id`) WHERE "events"."lasting" = 1;