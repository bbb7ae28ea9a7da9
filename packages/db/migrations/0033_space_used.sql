CREATE TABLE `space_used` (
	`project_id` text NOT NULL,
	`owner_id` text NOT NULL,
	`bytes` integer NOT NULL,
	PRIMARY KEY(`project_id`, `owner_id`),
	FOREIGN KEY (`project_id`) REFERENCES `projects`(`id`) ON UPDATE no action ON DELETE no action
);
--> statement-breakpoint
ALTER TABLE `assets` ADD `project_id` text REFERENCES projects(id);--> statement-breakpoint
ALTER TABLE `assets` ADD `owner_id` text REFERENCES users(id);--> statement-breakpoint
ALTER TABLE `memberships` ADD `max_workspace_bytes` integer;--> statement-breakpoint
ALTER TABLE `projects` ADD `max_bytes` integer;--> statement-breakpoint
ALTER TABLE `projects` ADD `max_workspace_bytes` integer;
--> statement-breakpoint
-- An asset belongs to the project, and to the Workspace, of whatever refers to it. Uploads name the project of bytes that nothing refers to any more.
UPDATE `assets` SET
	`project_id` = coalesce(
		(SELECT `project_id` FROM `entries` WHERE `asset_id` = `assets`.`id` LIMIT 1),
		(SELECT `entries`.`project_id` FROM `entry_versions` JOIN `entries` ON `entries`.`id` = `entry_id` WHERE `entry_versions`.`asset_id` = `assets`.`id` LIMIT 1),
		(SELECT `requests`.`project_id` FROM `delivered_files` JOIN `requests` ON `requests`.`id` = `request_id` WHERE `delivered_files`.`asset_id` = `assets`.`id` LIMIT 1),
		(SELECT `project_id` FROM `uploads` WHERE `asset_id` = `assets`.`id` LIMIT 1)
	),
	`owner_id` = coalesce(
		(SELECT `owner_id` FROM `entries` WHERE `asset_id` = `assets`.`id` LIMIT 1),
		(SELECT `entries`.`owner_id` FROM `entry_versions` JOIN `entries` ON `entries`.`id` = `entry_id` WHERE `entry_versions`.`asset_id` = `assets`.`id` LIMIT 1)
	);--> statement-breakpoint
INSERT INTO `space_used` (`project_id`, `owner_id`, `bytes`)
	SELECT `project_id`, '', sum(`size_bytes`) FROM `assets`
	WHERE `project_id` IS NOT NULL AND `state` IN ('verifying', 'stored', 'quarantined') GROUP BY `project_id`;--> statement-breakpoint
INSERT INTO `space_used` (`project_id`, `owner_id`, `bytes`)
	SELECT `project_id`, `owner_id`, sum(`size_bytes`) FROM `assets`
	WHERE `project_id` IS NOT NULL AND `owner_id` IS NOT NULL AND `state` IN ('verifying', 'stored', 'quarantined')
	GROUP BY `project_id`, `owner_id`;--> statement-breakpoint
CREATE TRIGGER `space_used_by_new` AFTER INSERT ON `assets`
WHEN NEW.`project_id` IS NOT NULL AND NEW.`state` IN ('verifying', 'stored', 'quarantined') BEGIN
	INSERT INTO `space_used` (`project_id`, `owner_id`, `bytes`) VALUES (NEW.`project_id`, '', NEW.`size_bytes`)
		ON CONFLICT DO UPDATE SET `bytes` = `bytes` + excluded.`bytes`;
	INSERT INTO `space_used` (`project_id`, `owner_id`, `bytes`)
		SELECT NEW.`project_id`, NEW.`owner_id`, NEW.`size_bytes` WHERE NEW.`owner_id` IS NOT NULL
		ON CONFLICT DO UPDATE SET `bytes` = `bytes` + excluded.`bytes`;
END;--> statement-breakpoint
CREATE TRIGGER `space_used_by_changed` AFTER UPDATE OF `state`, `size_bytes`, `project_id`, `owner_id` ON `assets`
WHEN OLD.`size_bytes` <> NEW.`size_bytes` OR OLD.`project_id` IS NOT NEW.`project_id` OR OLD.`owner_id` IS NOT NEW.`owner_id`
	OR (OLD.`state` IN ('verifying', 'stored', 'quarantined')) <> (NEW.`state` IN ('verifying', 'stored', 'quarantined'))
BEGIN
	UPDATE `space_used` SET `bytes` = `bytes` - OLD.`size_bytes`
		WHERE `project_id` = OLD.`project_id` AND `owner_id` IN ('', OLD.`owner_id`)
		AND OLD.`state` IN ('verifying', 'stored', 'quarantined');
	INSERT INTO `space_used` (`project_id`, `owner_id`, `bytes`)
		SELECT NEW.`project_id`, '', NEW.`size_bytes`
		WHERE NEW.`project_id` IS NOT NULL AND NEW.`state` IN ('verifying', 'stored', 'quarantined')
		ON CONFLICT DO UPDATE SET `bytes` = `bytes` + excluded.`bytes`;
	INSERT INTO `space_used` (`project_id`, `owner_id`, `bytes`)
		SELECT NEW.`project_id`, NEW.`owner_id`, NEW.`size_bytes`
		WHERE NEW.`project_id` IS NOT NULL AND NEW.`owner_id` IS NOT NULL AND NEW.`state` IN ('verifying', 'stored', 'quarantined')
		ON CONFLICT DO UPDATE SET `bytes` = `bytes` + excluded.`bytes`;
END;
