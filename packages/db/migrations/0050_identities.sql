CREATE TABLE `identities` (
	`id` text PRIMARY KEY NOT NULL,
	`user_id` text NOT NULL,
	`issuer` text NOT NULL,
	`subject` text NOT NULL,
	`email` text,
	`given` text NOT NULL,
	`created_at` integer NOT NULL,
	`last_used_at` integer,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE UNIQUE INDEX `identities_once` ON `identities` (`issuer`,`subject`);--> statement-breakpoint
CREATE UNIQUE INDEX `identities_of_person` ON `identities` (`user_id`,`issuer`);--> statement-breakpoint
CREATE TABLE `oidc_flows` (
	`id` text PRIMARY KEY NOT NULL,
	`browser_hash` text,
	`user_id` text,
	`invitation_hash` text,
	`expires_at` integer NOT NULL,
	FOREIGN KEY (`user_id`) REFERENCES `users`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
CREATE INDEX `oidc_flows_by_end` ON `oidc_flows` (`expires_at`);--> statement-breakpoint
CREATE INDEX `oidc_flows_by_user` ON `oidc_flows` (`user_id`);--> statement-breakpoint
ALTER TABLE `half_sign_ins` ADD `sealed_id_token` text;--> statement-breakpoint
ALTER TABLE `sign_ins` ADD `sealed_id_token` text;--> statement-breakpoint
ALTER TABLE `users` ADD `password_allowed_until` integer;