DROP INDEX match_sides_stale_idx;
