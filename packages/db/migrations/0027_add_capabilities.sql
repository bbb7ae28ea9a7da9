CREATE TABLE `capabilities` (
	`id` text PRIMARY KEY NOT NULL,
	`found` text NOT NULL,
	`found_at` integer NOT NULL
);
