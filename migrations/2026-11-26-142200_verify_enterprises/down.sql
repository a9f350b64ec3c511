DROP INDEX enterprises_status_idx;
DROP INDEX enterprises_merged_into_idx;
DROP TABLE uscc_exceptions;
DROP TABLE enterprise_decisions;
DROP TABLE verification_files;
DROP TABLE verifications;
DELETE FROM notifications WHERE kind <> 'match_suggested';
ALTER TABLE notifications
    DROP CONSTRAINT notifications_kind_known,
    ADD CONSTRAINT notifications_kind_known CHECK (kind IN ('match_suggested'));
