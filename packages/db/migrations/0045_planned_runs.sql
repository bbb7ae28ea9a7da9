DROP INDEX `stage_runs_planned`;--> statement-breakpoint
CREATE INDEX `stage_runs_planned` ON `stage_runs` (`lane`,`status`,`start_at`) WHERE "stage_runs"."lane" is not null;