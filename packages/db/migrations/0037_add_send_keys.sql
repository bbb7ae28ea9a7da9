ALTER TABLE `uploads` ADD `send_key` text;--> statement-breakpoint
CREATE UNIQUE INDEX `uploads_by_send_key` ON `uploads` (`user_id`,`send_key`) WHERE "uploads"."send_key" is not null;