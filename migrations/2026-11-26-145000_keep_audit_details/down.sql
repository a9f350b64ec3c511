DROP INDEX events_enterprise_ids_idx;
DROP INDEX events_at_idx;
DROP INDEX events_type_idx;
DROP INDEX events_entity_name_idx;
DROP INDEX events_actor_idx;
DROP TABLE audit_details;
DROP FUNCTION refuse_detail_change();
ALTER TABLE events DROP COLUMN detail_hash;
ALTER TABLE events_pending DROP COLUMN detail_hash;
