CREATE TABLE `edits` (
	`subject_id` text NOT NULL,
	`revision` integer NOT NULL,
	`fields` text NOT NULL,
	`by` text NOT NULL,
	`at` integer NOT NULL,
	PRIMARY KEY(`subject_id`, `revision`),
	FOREIGN KEY (`by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
