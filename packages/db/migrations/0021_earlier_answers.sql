CREATE TABLE `earlier_answers` (
	`finding_id` text NOT NULL,
	`round` integer NOT NULL,
	`answer` text,
	`comment` text NOT NULL,
	`answered_by` text,
	`answered_at` integer,
	PRIMARY KEY(`finding_id`, `round`),
	FOREIGN KEY (`finding_id`) REFERENCES `reason_pins`(`id`) ON UPDATE no action ON DELETE no action,
	FOREIGN KEY (`answered_by`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `reason_pins` ADD `answered_round` integer;--> statement-breakpoint
UPDATE `reason_pins` SET `answered_round` = coalesce(
	(SELECT min(`number`) FROM `rounds` WHERE `rounds`.`request_id` = `reason_pins`.`request_id` AND `number` > `reason_pins`.`round` AND `submitted_at` >= `answered_at`),
	(SELECT max(`requests`.`round`, `reason_pins`.`round` + 1) FROM `requests` WHERE `requests`.`id` = `reason_pins`.`request_id`)
) WHERE `answered_at` IS NOT NULL;
