CREATE TABLE `entry_downloads` (
	`entry_id` text NOT NULL,
	`user_id` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`entry_id`, `user_id`),
	FOREIGN KEY (`entry_id`) REFERENCES `entries`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `mails` (
	`id` text PRIMARY KEY NOT NULL,
	`to` text NOT NULL,
	`subject` text NOT NULL,
	`text` text NOT NULL,
	`html` text NOT NULL,
	`status` text NOT NULL,
	`attempts` integer DEFAULT 0 NOT NULL,
	`next_attempt_at` integer NOT NULL,
	`last_error` text,
	`created_at` integer NOT NULL,
	`sent_at` integer
);
--> statement-breakpoint
CREATE INDEX `mails_by_status` ON `mails` (`status`,`next_attempt_at`);--> statement-breakpoint
CREATE INDEX `mails_to` ON `mails` (`to`,`created_at`);--> statement-breakpoint
CREATE TABLE `notification_choices` (
	`user_id` text NOT NULL,
	`kind` text NOT NULL,
	`mail` text NOT NULL,
	PRIMARY KEY(`user_id`, `kind`),
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `notifications` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text,
	`email` text NOT NULL,
	`kind` text NOT NULL,
	`project_id` text,
	`actor_id` text,
	`data` text NOT NULL,
	`created_at` integer NOT NULL,
	`read_at` integer,
	`mail_due_at` integer,
	`mail_id` text,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`actor_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`mail_id`) REFERENCES `mails`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `notifications_of_person` ON `notifications` (`user_id`,`id`);--> statement-breakpoint
CREATE INDEX `notifications_unread` ON `notifications` (`user_id`) WHERE "notifications"."read_at" is null;--> statement-breakpoint
CREATE INDEX `notifications_to_mail` ON `notifications` (`email`,`mail_due_at`) WHERE "notifications"."mail_due_at" is not null;--> statement-breakpoint
CREATE TABLE `retention_extensions` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`reason` text NOT NULL,
	`status` text NOT NULL,
	`asked_at` integer NOT NULL,
	`decided_at` integer,
	`decided_by` text,
	`until` integer,
	`answer` text DEFAULT '' NOT NULL,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`decided_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `retention_extensions_of_project` ON `retention_extensions` (`project_id`,`status`);--> statement-breakpoint
CREATE INDEX `retention_extensions_of_person` ON `retention_extensions` (`user_id`,`project_id`);--> statement-breakpoint
CREATE TABLE `retention_warnings` (
	`project_id` text NOT NULL,
	`user_id` text NOT NULL,
	`expires_at` integer NOT NULL,
	`days` integer NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`project_id`, `user_id`, `expires_at`, `days`),
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE TABLE `shares` (
	`id` text PRIMARY KEY NOT NULL,
	`project_id` text NOT NULL,
	`entry_id` text NOT NULL,
	`parent_id` text,
	`sharer_id` text NOT NULL,
	`grantee_id` text,
	`grantee_email` text NOT NULL,
	`can_share` integer NOT NULL,
	`can_update` integer NOT NULL,
	`expires_at` integer,
	`expires_on` text,
	`time_zone` text,
	`note` text DEFAULT '' NOT NULL,
	`created_at` integer NOT NULL,
	`updated_at` integer NOT NULL,
	`revoked_at` integer,
	`revoked_by` text,
	`hidden_at` integer,
	`opened_at` integer,
	`downloaded_at` integer,
	`downloaded_files` integer DEFAULT 0 NOT NULL,
	`verified_at` integer,
	`reminded_at` integer,
	`warned_of` integer,
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`entry_id`) REFERENCES `entries`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`parent_id`) REFERENCES `shares`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`sharer_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`grantee_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`revoked_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `shares_once` ON `shares` (`entry_id`,`sharer_id`,`grantee_email`) WHERE "shares"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX `shares_of_person` ON `shares` (`grantee_id`,`project_id`) WHERE "shares"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX `shares_of_email` ON `shares` (`grantee_email`) WHERE "shares"."grantee_id" is null and "shares"."revoked_at" is null;--> statement-breakpoint
CREATE INDEX `shares_by_parent` ON `shares` (`parent_id`);--> statement-breakpoint
CREATE INDEX `shares_by_entry` ON `shares` (`entry_id`);--> statement-breakpoint
CREATE INDEX `shares_by_end` ON `shares` (`expires_at`) WHERE "shares"."expires_at" is not null and "shares"."revoked_at" is null;--> statement-breakpoint
DROP INDEX `entries_by_owner`;--> statement-breakpoint
DROP INDEX `entries_name_once`;--> statement-breakpoint
DROP INDEX `entries_by_parent`;--> statement-breakpoint
ALTER TABLE `entries` ADD `place_key` text GENERATED ALWAYS AS (case when parent_id is null then project_id || owner_id else parent_id end) VIRTUAL;--> statement-breakpoint
ALTER TABLE `entries` ADD `sort_key` text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE `entries` ADD `rank` integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE `entries` ADD `sequence_key` text;--> statement-breakpoint
ALTER TABLE `entries` ADD `frame` integer;--> statement-breakpoint
ALTER TABLE `entries` ADD `first_frame` integer;--> statement-breakpoint
ALTER TABLE `entries` ADD `last_frame` integer;--> statement-breakpoint
ALTER TABLE `entries` ADD `size_bytes` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `entries` ADD `file_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `entries` ADD `item_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `entries` ADD `state_rank` integer DEFAULT 2 NOT NULL;--> statement-breakpoint
ALTER TABLE `entries` ADD `share_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `entries` ADD `updated_by` text REFERENCES users(id);--> statement-breakpoint
ALTER TABLE `entries` ADD `deleted_by` text REFERENCES users(id);--> statement-breakpoint
CREATE INDEX `entries_by_name` ON `entries` (`place_key`,`rank`,`sort_key`,`id`) WHERE "entries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `entries_by_size` ON `entries` (`place_key`,`rank`,`size_bytes`,`sort_key`,`id`) WHERE "entries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `entries_by_change` ON `entries` (`place_key`,`rank`,`updated_at`,`sort_key`,`id`) WHERE "entries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `entries_by_shares` ON `entries` (`place_key`,`rank`,`share_count`,`sort_key`,`id`) WHERE "entries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `entries_by_state` ON `entries` (`place_key`,`rank`,`state_rank`,`sort_key`,`id`) WHERE "entries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `entries_by_sequence` ON `entries` (`place_key`,`sequence_key`) WHERE "entries"."sequence_key" is not null and "entries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `entries_by_frame` ON `entries` (`parent_id`,`frame`) WHERE "entries"."frame" is not null and "entries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `entries_trashed` ON `entries` (`project_id`,`owner_id`,`deleted_at`) WHERE "entries"."deleted_at" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX `entries_name_once` ON `entries` (`place_key`,`name_key`) WHERE "entries"."deleted_at" is null;--> statement-breakpoint
CREATE INDEX `entries_by_parent` ON `entries` (`parent_id`);--> statement-breakpoint
ALTER TABLE `assets` ADD `unreferenced_at` integer;--> statement-breakpoint
ALTER TABLE `assets` ADD `quarantined_at` integer;--> statement-breakpoint
CREATE INDEX `assets_to_free` ON `assets` (`unreferenced_at`) WHERE "assets"."unreferenced_at" is not null;--> statement-breakpoint
ALTER TABLE `projects` ADD `launch_at` integer;--> statement-breakpoint
ALTER TABLE `projects` ADD `retention_days` integer DEFAULT 180 NOT NULL;--> statement-breakpoint
UPDATE `entries` SET `sort_key` = turnover_sort_key(`name`), `rank` = `kind` <> 'folder';--> statement-breakpoint
UPDATE `entries` SET `sequence_key` = turnover_sequence_key(`name`), `frame` = turnover_frame(`name`), `file_count` = 1,
  `size_bytes` = (SELECT a.`size_bytes` FROM `assets` a WHERE a.`id` = `entries`.`asset_id`),
  `state_rank` = (SELECT CASE a.`state` WHEN 'verifying' THEN 0 ELSE 2 END FROM `assets` a WHERE a.`id` = `entries`.`asset_id`)
  WHERE `kind` = 'file';--> statement-breakpoint
INSERT INTO `entries` (`id`, `project_id`, `owner_id`, `parent_id`, `kind`, `name`, `name_key`, `sort_key`, `created_at`, `updated_at`)
  SELECT turnover_entry_id(), `project_id`, `owner_id`, `parent_id`, 'sequence', turnover_frame_pattern(`name`), `sequence_key`,
    turnover_pattern_sort_key(`name`), min(`created_at`), max(`updated_at`)
  FROM `entries` WHERE `kind` = 'file' AND `deleted_at` IS NULL AND `sequence_key` IS NOT NULL
  GROUP BY `place_key`, `sequence_key` HAVING count(*) > 1;--> statement-breakpoint
UPDATE `entries` SET `parent_id` = s.`id` FROM `entries` s
  WHERE `entries`.`kind` = 'file' AND `entries`.`deleted_at` IS NULL AND s.`kind` = 'sequence'
    AND s.`place_key` = `entries`.`place_key` AND s.`name_key` = `entries`.`sequence_key`;--> statement-breakpoint
UPDATE `entries` SET `item_count` = (SELECT count(*) FROM `entries` c WHERE c.`parent_id` = `entries`.`id` AND c.`deleted_at` IS NULL)
  WHERE `kind` <> 'file';--> statement-breakpoint
UPDATE `entries` SET
  `first_frame` = (SELECT min(c.`frame`) FROM `entries` c WHERE c.`parent_id` = `entries`.`id`),
  `last_frame` = (SELECT max(c.`frame`) FROM `entries` c WHERE c.`parent_id` = `entries`.`id`)
  WHERE `kind` = 'sequence';--> statement-breakpoint
UPDATE `entries` SET `state_rank` = 1 WHERE `kind` = 'sequence' AND `last_frame` - `first_frame` + 1 > `item_count`;--> statement-breakpoint
UPDATE `entries` SET (`size_bytes`, `file_count`) = (
  WITH RECURSIVE below(id, kind, size_bytes) AS (
    SELECT c.`id`, c.`kind`, c.`size_bytes` FROM `entries` c WHERE c.`parent_id` = `entries`.`id` AND c.`deleted_at` IS NULL
    UNION ALL
    SELECT c.`id`, c.`kind`, c.`size_bytes` FROM below JOIN `entries` c ON c.`parent_id` = below.id AND c.`deleted_at` IS NULL
  )
  SELECT coalesce(sum(below.size_bytes), 0), count(*) FROM below WHERE below.kind = 'file'
) WHERE `kind` <> 'file';
