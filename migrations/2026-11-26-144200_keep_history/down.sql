DROP TRIGGER enterprises_keep_history ON enterprises;
DROP TRIGGER listings_keep_history ON listings;
DROP FUNCTION keep_enterprise_history();
DROP FUNCTION keep_listing_history();
DROP TABLE enterprise_history;
DROP TABLE listing_history;
