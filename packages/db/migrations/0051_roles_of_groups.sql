-- What groups gave names the role in each project, and not the projects alone: a role that differs was given by hand since.
UPDATE `identities` SET `given` = json_set(
	json_remove(`given`, '$.projectIds'),
	'$.roles',
	json((
		SELECT json_group_object(`project_id`, `role`) FROM `memberships`
		WHERE `memberships`.`user_id` = `identities`.`user_id`
		AND `project_id` IN (SELECT `value` FROM json_each(`identities`.`given`, '$.projectIds'))
	))
) WHERE json_valid(`given`);
