DROP TABLE memberships;
DROP TABLE enterprises;
