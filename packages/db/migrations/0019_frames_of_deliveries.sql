ALTER TABLE `delivered_files` ADD `sequence_key` text;--> statement-breakpoint
ALTER TABLE `delivered_files` ADD `frame` integer;--> statement-breakpoint
UPDATE `delivered_files` SET `sequence_key` = turnover_path_sequence(`path`), `frame` = turnover_path_frame(`path`);--> statement-breakpoint
CREATE INDEX `delivered_files_by_round` ON `delivered_files` (`request_id`,`path_key`,`added_round`,`removed_round`);--> statement-breakpoint
CREATE INDEX `delivered_files_by_sequence` ON `delivered_files` (`request_id`,`sequence_key`,`frame`) WHERE "delivered_files"."sequence_key" is not null;
