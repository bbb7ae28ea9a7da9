ALTER TABLE `preview_runs` ADD `facts` text;--> statement-breakpoint
UPDATE `preview_runs` SET `reason` = 'crashed' WHERE `ended_at` IS NOT NULL AND `report` IS NULL AND `reason` GLOB '*[^a-z_]*';
