DROP TABLE consumers;
DROP TABLE notifications;
DROP TABLE match_sides;
DROP TABLE matches;
