DROP TABLE listing_ledger;
DROP TABLE listings;
