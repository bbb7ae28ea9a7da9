DROP INDEX `entries_by_sequence`;--> statement-breakpoint
ALTER TABLE `entries` ADD `frame_count` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE `entries` ADD `frame_divisor` integer DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX `entries_by_sequence` ON `entries` (`place_key`,`sequence_key`,`frame`) WHERE "entries"."sequence_key" is not null and "entries"."deleted_at" is null;--> statement-breakpoint
-- By hand: names are read anew (docs/sequences.md). No file is lost, and nobody sees more or less through a share than before.
UPDATE `entries` SET `sequence_key` = turnover_name_sequence(`name`), `frame` = turnover_name_number(`name`)
  WHERE `kind` = 'file' AND turnover_name_sequence(`name`) IS NOT NULL;--> statement-breakpoint
UPDATE `entries` SET `sequence_key` = NULL, `frame` = NULL
  WHERE `kind` = 'file' AND turnover_name_sequence(`name`) IS NULL
    AND coalesce((SELECT p.`kind` FROM `entries` p WHERE p.`id` = `entries`.`parent_id`), '') <> 'sequence';--> statement-breakpoint
UPDATE `entries` SET `sequence_key` = coalesce(
    (SELECT c.`sequence_key` FROM `entries` c WHERE c.`parent_id` = `entries`.`id` AND c.`deleted_at` IS NULL
      AND turnover_name_sequence(c.`name`) IS NOT NULL LIMIT 1),
    turnover_pattern_sequence(`name`), `name_key`)
  WHERE `kind` = 'sequence';--> statement-breakpoint
-- Sequences of one name in several paddings become one, the largest of them, unless people were given one of them.
CREATE TEMP TABLE `sequences_merged` AS
  SELECT e.`id`, first_value(e.`id`) OVER (PARTITION BY e.`place_key`, e.`sequence_key` ORDER BY e.`item_count` DESC, e.`id`) AS `into_id`
  FROM `entries` e WHERE e.`kind` = 'sequence' AND e.`deleted_at` IS NULL
    AND NOT EXISTS (SELECT 1 FROM `shares` s WHERE s.`entry_id` = e.`id`);--> statement-breakpoint
UPDATE `entries` SET `parent_id` = m.`into_id` FROM `sequences_merged` m
  WHERE `entries`.`parent_id` = m.`id` AND m.`id` <> m.`into_id`;--> statement-breakpoint
DELETE FROM `entries` WHERE `id` IN (SELECT `id` FROM `sequences_merged` WHERE `id` <> `into_id`);--> statement-breakpoint
-- Files beside it that are frames of it come in; what is shared takes nothing in by itself.
CREATE TEMP TABLE `sequences_open` AS
  SELECT e.`id`, e.`parent_id`, e.`place_key`, e.`sequence_key` FROM `entries` e
  WHERE e.`kind` = 'sequence' AND e.`deleted_at` IS NULL AND e.`id` IN (SELECT `into_id` FROM `sequences_merged`)
    AND NOT EXISTS (SELECT 1 FROM `entries` o WHERE o.`kind` = 'sequence' AND o.`deleted_at` IS NULL
      AND o.`place_key` = e.`place_key` AND o.`sequence_key` = e.`sequence_key` AND o.`id` <> e.`id`);--> statement-breakpoint
UPDATE `entries` SET `parent_id` = o.`id` FROM `sequences_open` o
  WHERE `entries`.`kind` = 'file' AND `entries`.`deleted_at` IS NULL
    AND `entries`.`place_key` = o.`place_key` AND `entries`.`sequence_key` = o.`sequence_key`;--> statement-breakpoint
-- What counts nothing, years or sizes or a single file, is files again, unless people were given the row.
CREATE TEMP TABLE `sequences_ended` AS
  SELECT o.`id`, o.`parent_id` FROM `sequences_open` o
  WHERE (SELECT turnover_is_sequence(c.`name`) FROM `entries` c WHERE c.`parent_id` = o.`id` AND c.`deleted_at` IS NULL) = 0;--> statement-breakpoint
UPDATE `entries` SET `parent_id` = d.`parent_id`, `sequence_key` = turnover_name_sequence(`name`), `frame` = turnover_name_number(`name`)
  FROM `sequences_ended` d WHERE `entries`.`parent_id` = d.`id`;--> statement-breakpoint
DELETE FROM `entries` WHERE `id` IN (SELECT `id` FROM `sequences_ended`);--> statement-breakpoint
-- Frames that were no frames before.
INSERT INTO `entries` (`id`, `project_id`, `owner_id`, `parent_id`, `kind`, `name`, `name_key`, `sequence_key`, `created_at`, `updated_at`)
  SELECT turnover_entry_id(), `project_id`, `owner_id`, `parent_id`, 'sequence', '', `sequence_key`, `sequence_key`, min(`created_at`), max(`updated_at`)
  FROM `entries` f WHERE `kind` = 'file' AND `deleted_at` IS NULL AND `sequence_key` IS NOT NULL
    AND coalesce((SELECT p.`kind` FROM `entries` p WHERE p.`id` = f.`parent_id`), '') <> 'sequence'
    AND NOT EXISTS (SELECT 1 FROM `entries` s WHERE s.`kind` = 'sequence' AND s.`deleted_at` IS NULL
      AND s.`place_key` = f.`place_key` AND s.`sequence_key` = f.`sequence_key`)
  GROUP BY `place_key`, `sequence_key` HAVING turnover_is_sequence(`name`) = 1;--> statement-breakpoint
UPDATE `entries` SET `parent_id` = s.`id` FROM `entries` s
  WHERE `entries`.`kind` = 'file' AND `entries`.`deleted_at` IS NULL AND s.`kind` = 'sequence' AND s.`name` = ''
    AND s.`place_key` = `entries`.`place_key` AND s.`sequence_key` = `entries`.`sequence_key`;--> statement-breakpoint
-- One of each name in a place has its key; the others, which only shares keep apart, have the key they had.
UPDATE `entries` SET `name_key` = `sequence_key` WHERE `kind` = 'sequence' AND `id` IN (
  SELECT `id` FROM (
    SELECT e.`id`, e.`deleted_at`, row_number() OVER (PARTITION BY e.`place_key`, e.`sequence_key`, e.`deleted_at` IS NULL
      ORDER BY (SELECT count(*) FROM `shares` s WHERE s.`entry_id` = e.`id` AND s.`revoked_at` IS NULL) DESC, e.`item_count` DESC, e.`id`) AS `turn`
    FROM `entries` e WHERE e.`kind` = 'sequence')
  WHERE `turn` = 1 OR `deleted_at` IS NOT NULL);--> statement-breakpoint
UPDATE `entries` SET `sequence_key` = (SELECT p.`sequence_key` FROM `entries` p WHERE p.`id` = `entries`.`parent_id`)
  WHERE `kind` = 'file' AND `parent_id` IN (SELECT `id` FROM `entries` WHERE `kind` = 'sequence');--> statement-breakpoint
UPDATE `entries` SET `item_count` = (SELECT count(*) FROM `entries` c WHERE c.`parent_id` = `entries`.`id` AND c.`deleted_at` IS NULL)
  WHERE `kind` <> 'file';--> statement-breakpoint
UPDATE `entries` SET (`name`, `first_frame`, `last_frame`, `frame_count`, `frame_divisor`, `file_count`, `size_bytes`) = (
    SELECT coalesce(turnover_pattern(c.`name`), `entries`.`name`), min(c.`frame`), max(c.`frame`), count(DISTINCT c.`frame`),
      turnover_frame_divisor(c.`frame`), count(*), coalesce(sum(c.`size_bytes`), 0)
    FROM `entries` c WHERE c.`parent_id` = `entries`.`id` AND c.`deleted_at` IS NULL)
  WHERE `kind` = 'sequence' AND `item_count` > 0;--> statement-breakpoint
UPDATE `entries` SET `look_key` = turnover_sequence_look_key(substr(`sequence_key`, 2)) WHERE `kind` = 'sequence';--> statement-breakpoint
UPDATE `entries` SET `sort_key` = turnover_pattern_order(`name`),
  `state_rank` = CASE WHEN turnover_frames_missing(`first_frame`, `last_frame`, `frame_count`, `frame_divisor`) > 0 THEN 1 ELSE 2 END
  WHERE `kind` = 'sequence' AND `item_count` > 0;--> statement-breakpoint
UPDATE `entries` SET `sort_key` = turnover_sort_key(`name`) WHERE `kind` <> 'sequence' AND `name` GLOB '*-[0-9]*';--> statement-breakpoint
DROP TABLE `sequences_ended`;--> statement-breakpoint
DROP TABLE `sequences_open`;--> statement-breakpoint
DROP TABLE `sequences_merged`;
