DELETE FROM notifications WHERE kind <> 'match_suggested';
ALTER TABLE notifications
    DROP CONSTRAINT notifications_kind_known,
    ADD CONSTRAINT notifications_kind_known CHECK (kind IN ('match_suggested'));
DROP TABLE listing_reports;
DROP TABLE moderation_appeals;
DROP TABLE moderation_decisions;
DROP TABLE moderation_holds;
DROP TABLE moderation_policies;
