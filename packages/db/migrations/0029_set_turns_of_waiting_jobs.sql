-- Jobs that waited before they had turns go when they are due, and not before everything new.
UPDATE `jobs` SET `turn_at` = `run_at` WHERE `status` = 'waiting' AND `turn_at` = 0;
