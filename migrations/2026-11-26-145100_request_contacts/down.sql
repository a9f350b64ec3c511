DELETE FROM notifications WHERE kind <> 'match_suggested';
ALTER TABLE notifications
    DROP CONSTRAINT notifications_kind_known,
    ADD CONSTRAINT notifications_kind_known CHECK (kind IN ('match_suggested'));
DROP TABLE contact_releases;
DROP TABLE contact_requests;
