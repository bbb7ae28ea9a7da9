DROP INDEX `jobs_due`;--> statement-breakpoint
ALTER TABLE `jobs` ADD `turn_at` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `jobs_ended` ON `jobs` (`kind`,`finished_at`) WHERE "jobs"."status" = 'done';--> statement-breakpoint
CREATE INDEX `jobs_by_turn` ON `jobs` (`status`,`kind`,`turn_at`);--> statement-breakpoint
CREATE INDEX `jobs_due` ON `jobs` (`status`,`kind`,`run_at`);