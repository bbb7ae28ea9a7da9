ALTER TABLE `reason_pins` ADD `checked_round` integer;
--> statement-breakpoint
UPDATE `reason_pins` SET `checked_round` = `round` + 1 WHERE `checked_at` IS NOT NULL;
