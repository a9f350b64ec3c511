DROP TABLE events;
DROP FUNCTION refuse_change();
DROP TABLE events_pending;
