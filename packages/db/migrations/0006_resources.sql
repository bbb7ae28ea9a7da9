ALTER TABLE `uploads` ADD `reserved_until` integer;--> statement-breakpoint
ALTER TABLE `uploads` ADD `warned_of` integer;--> statement-breakpoint
-- What is on its way keeps its space for a day after its last byte, as from now on every upload does.
UPDATE `uploads` SET `reserved_until` = `updated_at` + 86400000 WHERE `status` = 'uploading';
