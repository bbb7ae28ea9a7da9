ALTER TABLE `entries` ADD `look_key` text;--> statement-breakpoint
CREATE INDEX `entries_by_look` ON `entries` (`place_key`,`look_key`) WHERE "entries"."look_key" is not null and "entries"."deleted_at" is null;--> statement-breakpoint
ALTER TABLE `delivered_files` ADD `look_key` text;--> statement-breakpoint
CREATE INDEX `delivered_files_by_look` ON `delivered_files` (`request_id`,`look_key`) WHERE "delivered_files"."look_key" is not null and "delivered_files"."removed_at" is null;--> statement-breakpoint
UPDATE `entries` SET `look_key` = turnover_look_key(`name`) WHERE `kind` <> 'sequence';--> statement-breakpoint
UPDATE `entries` SET `look_key` = turnover_sequence_look_key(`name`) WHERE `kind` = 'sequence';--> statement-breakpoint
UPDATE `delivered_files` SET `look_key` = turnover_look_key(`path`);
