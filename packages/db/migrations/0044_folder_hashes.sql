ALTER TABLE `manifests` ADD `folders` text DEFAULT '[]' NOT NULL;--> statement-breakpoint
-- Histories are read and compared again, because their hashes of folders were not kept.
DELETE FROM `manifest_entries` WHERE `list_id` IN (SELECT `file_id` FROM `manifests` WHERE `request_id` IN (SELECT `request_id` FROM `manifests` WHERE `what` = 'asc_mhl'));--> statement-breakpoint
DELETE FROM `manifest_comparisons` WHERE `request_id` IN (SELECT `request_id` FROM `manifests` WHERE `what` = 'asc_mhl');--> statement-breakpoint
DELETE FROM `manifests` WHERE `request_id` IN (SELECT `request_id` FROM `manifests` WHERE `what` = 'asc_mhl');
