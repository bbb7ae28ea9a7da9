CREATE TABLE `outside_stages` (
	`name` text PRIMARY KEY NOT NULL,
	`stated` text NOT NULL,
	`updated_at` integer NOT NULL
);
