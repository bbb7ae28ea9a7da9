CREATE TABLE `damages` (
	`kind` text NOT NULL,
	`subject` text NOT NULL,
	`expected` text,
	`found` text,
	`found_at` integer NOT NULL,
	`seen_at` integer NOT NULL,
	PRIMARY KEY(`kind`, `subject`)
);
--> statement-breakpoint
CREATE TABLE `examinations` (
	`id` text PRIMARY KEY NOT NULL,
	`asked_at` integer,
	`started_at` integer,
	`ended_at` integer,
	`files` integer,
	`bytes` integer
);
--> statement-breakpoint
ALTER TABLE `assets` ADD `read_back_at` integer;--> statement-breakpoint
CREATE INDEX `assets_to_read_back` ON `assets` (`read_back_at`,`published_at`,`size_bytes`) WHERE "assets"."state" = 'stored';