-- For purging what ended long ago.
CREATE INDEX match_sides_stale_idx ON match_sides (updated_at) WHERE status = 'stale';
