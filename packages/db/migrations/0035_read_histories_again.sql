-- Lists that were read before the hub kept what an ASC MHL history ignores, renames and states are read and compared again.
DELETE FROM `manifest_entries` WHERE `list_id` IN (SELECT `file_id` FROM `manifests` WHERE `request_id` IN (SELECT `request_id` FROM `manifests` WHERE `what` = 'asc_mhl'));--> statement-breakpoint
DELETE FROM `manifest_comparisons` WHERE `request_id` IN (SELECT `request_id` FROM `manifests` WHERE `what` = 'asc_mhl');--> statement-breakpoint
DELETE FROM `manifests` WHERE `request_id` IN (SELECT `request_id` FROM `manifests` WHERE `what` = 'asc_mhl');
