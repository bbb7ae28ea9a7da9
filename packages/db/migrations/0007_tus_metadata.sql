ALTER TABLE `uploads` ADD `metadata` text;--> statement-breakpoint
ALTER TABLE `uploads` ADD `address_ended_at` integer;