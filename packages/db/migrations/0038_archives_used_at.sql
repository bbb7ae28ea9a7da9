ALTER TABLE `archives` RENAME COLUMN "created_at" TO "used_at";--> statement-breakpoint
DROP INDEX `archives_of_person`;--> statement-breakpoint
DROP INDEX `archives_by_age`;--> statement-breakpoint
CREATE INDEX `archives_of_person` ON `archives` (`user_id`,`used_at`);--> statement-breakpoint
CREATE INDEX `archives_by_age` ON `archives` (`used_at`);