-- Functions of Trino that DuckDB lacks or reads otherwise. The dialect calls them by these names only.
-- An error is a cast that must fail, CAST('!NAME' AS INTEGER): unlike error() it may stand inside TRY.

CREATE MACRO trino_nonzero(x) AS CASE WHEN x = 0 THEN CAST('!DIVISION_BY_ZERO' AS INTEGER) ELSE x END;
