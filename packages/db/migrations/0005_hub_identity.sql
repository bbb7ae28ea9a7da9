CREATE TABLE `hub` (
	`id` text PRIMARY KEY NOT NULL,
	`created_at` integer NOT NULL,
	`folder_id` text,
	`copy_id` text,
	`started_copy_id` text,
	`clock_at` integer,
	`clock_distrusted_at` integer
);
