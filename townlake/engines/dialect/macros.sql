-- Functions of Trino that DuckDB lacks or reads otherwise. The dialect calls them by these names only.
-- An error is a cast that must fail, CAST('!NAME' AS INTEGER): unlike error() it may stand inside TRY.
-- Where the failing branch must have another type, the failure sits in an index or a bound instead.

-- Numbers

CREATE MACRO trino_nonzero(x) AS CASE WHEN x = 0 THEN CAST('!DIVISION_BY_ZERO' AS INTEGER) ELSE x END;
-- The digits of a decimal as one whole number: x times a power of ten, without a fraction.
CREATE MACRO trino_unscaled(x, power) AS CAST(x * CAST(power AS DECIMAL(38, 0)) AS HUGEINT);
-- NaN is no number: NULL.
CREATE MACRO trino_number(x) AS CASE WHEN isnan(x) THEN NULL ELSE x END;
-- A sort key in which NaN is the smallest, as max_by wants it.
CREATE MACRO trino_nan_first(x) AS CASE WHEN x IS NOT NULL THEN {'number': NOT isnan(x), 'value': x} END;
CREATE MACRO trino_finite(x) AS CASE WHEN isfinite(x) THEN x END;
CREATE MACRO trino_round(x, places) AS CASE WHEN isfinite(x) THEN round(x, places) ELSE x END;
CREATE MACRO trino_ln(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE ln(x) END;
CREATE MACRO trino_log2(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE log2(x) END;
CREATE MACRO trino_log10(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) WHEN x = 0 THEN CAST('-Infinity' AS DOUBLE) ELSE log10(x) END;
CREATE MACRO trino_sqrt(x) AS CASE WHEN x < 0 THEN CAST('NaN' AS DOUBLE) ELSE sqrt(x) END;
CREATE MACRO trino_acos(x) AS CASE WHEN abs(x) > 1 THEN CAST('NaN' AS DOUBLE) ELSE acos(x) END;
CREATE MACRO trino_asin(x) AS CASE WHEN abs(x) > 1 THEN CAST('NaN' AS DOUBLE) ELSE asin(x) END;
CREATE MACRO trino_bitwise_and(a, b) AS (a & b);
CREATE MACRO trino_bitwise_or(a, b) AS (a | b);
CREATE MACRO trino_bitwise_not(a) AS (-a - 1);
CREATE MACRO trino_left_shift(x, places, bits) AS
    CASE WHEN places < 0 OR x < 0 THEN CAST('!NOT_SUPPORTED' AS INTEGER) WHEN places >= bits THEN 0 ELSE x << places END;
CREATE MACRO trino_right_shift(x, places, bits) AS
    CASE WHEN places < 0 OR x < 0 THEN CAST('!NOT_SUPPORTED' AS INTEGER) WHEN places >= bits THEN 0 ELSE x >> places END;
CREATE MACRO trino_width_bucket(x, low, high, buckets) AS
    CASE
        WHEN buckets <= 0 OR low = high OR isnan(x) THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER)
        WHEN low < high THEN
            CASE WHEN x < low THEN 0 WHEN x >= high THEN buckets + 1 ELSE CAST(floor(buckets * (x - low) / (high - low)) AS BIGINT) + 1 END
        ELSE
            CASE WHEN x > low THEN 0 WHEN x <= high THEN buckets + 1 ELSE CAST(floor(buckets * (low - x) / (low - high)) AS BIGINT) + 1 END
    END;
CREATE MACRO trino_width_bucket_bins(x, bins) AS len(list_filter(bins, lambda b: b <= x));
-- DuckDB corrects for small samples; Trino does not.
CREATE MACRO trino_skewness(corrected, n) AS corrected * (n - 2) / sqrt(CAST(n AS DOUBLE) * (n - 1));

-- Texts that are read as another type: Trino takes less than DuckDB

CREATE MACRO trino_failed_text() AS CAST(CAST('!INVALID_CAST_ARGUMENT' AS INTEGER) AS VARCHAR);
CREATE MACRO trino_integer_text(s) AS
    CASE WHEN s IS NULL OR regexp_full_match(s, '\s*[+-]?[0-9]+\s*') THEN s ELSE trino_failed_text() END;
CREATE MACRO trino_float_text(s) AS
    CASE WHEN s IS NULL OR regexp_full_match(s, '\s*[+-]?(NaN|Infinity|([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?)\s*') THEN s ELSE trino_failed_text() END;
CREATE MACRO trino_decimal_text(s) AS
    CASE WHEN s IS NULL OR regexp_full_match(s, '[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?') THEN s ELSE trino_failed_text() END;
CREATE MACRO trino_boolean_text(s) AS
    CASE
        WHEN s IS NULL THEN NULL
        WHEN lower(s) IN ('t', 'true', '1') THEN true
        WHEN lower(s) IN ('f', 'false', '0') THEN false
        ELSE CAST(CAST('!INVALID_CAST_ARGUMENT' AS INTEGER) AS BOOLEAN)
    END;
CREATE MACRO trino_date_text(s) AS
    CASE WHEN s IS NULL OR regexp_full_match(s, '\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}\s*') THEN s ELSE trino_failed_text() END;
CREATE MACRO trino_timestamp_text(s) AS
    CASE
        WHEN s IS NULL OR regexp_full_match(s, '\s*[0-9]{4}-[0-9]{1,2}-[0-9]{1,2}( [0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]{1,6})?)?)?\s*') THEN s
        ELSE trino_failed_text()
    END;
CREATE MACRO trino_time_text(s) AS
    CASE WHEN s IS NULL OR regexp_full_match(s, '[0-9]{1,2}:[0-9]{1,2}(:[0-9]{1,2}(\.[0-9]{1,6})?)?') THEN s ELSE trino_failed_text() END;

-- Strings

CREATE MACRO trino_fail_boolean() AS CAST(CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) AS BOOLEAN);
CREATE MACRO trino_fail_text() AS CAST(CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) AS VARCHAR);
-- Java writes negative numbers in hexadecimal as 64 bits.
CREATE MACRO trino_hexadecimal(pattern, x) AS CASE WHEN x >= 0 THEN printf(pattern, x) ELSE printf(replace(pattern, 'x', 's'), lower(to_hex(x))) END;
CREATE MACRO trino_two_digit_year(moment) AS CASE WHEN year(moment) = 1969 THEN moment + INTERVAL 100 YEAR ELSE moment END;
-- DuckDB counts from the end as Trino does, but reads 0 and what lies before the start in its own way.
CREATE MACRO trino_substr2(s, first) AS substring(s, CASE WHEN first = 0 OR -first > length(s) THEN 4294967295 ELSE first END);
CREATE MACRO trino_substr3(s, first, size) AS
    substring(s, CASE WHEN first = 0 OR -first > length(s) THEN 4294967295 ELSE first END, CASE WHEN size < 0 THEN 0 ELSE size END);
-- A sharp s has no capital in Java; it is hidden behind a private character meanwhile.
CREATE MACRO trino_upper(s) AS replace(upper(replace(s, 'ß', chr(57344))), chr(57344), 'ß');
-- DuckDB keeps a letter and its accents together; Trino turns every code point.
CREATE MACRO trino_reverse(s) AS CASE WHEN strlen(s) = length(s) THEN reverse(s) ELSE trino_reverse_code_points(s) END;
CREATE MACRO trino_lower(s) AS lower(s);
CREATE MACRO trino_lpad(s, size, filler) AS CASE WHEN size < 0 OR filler = '' THEN trino_fail_text() ELSE lpad(s, size, filler) END;
CREATE MACRO trino_rpad(s, size, filler) AS CASE WHEN size < 0 OR filler = '' THEN trino_fail_text() ELSE rpad(s, size, filler) END;
CREATE MACRO trino_replace(s, sought, put) AS
    CASE
        WHEN sought <> '' THEN replace(s, sought, put)
        WHEN s = '' THEN put
        ELSE put || array_to_string(string_split(s, ''), put) || put
    END;
CREATE MACRO trino_split(s, separator) AS string_split(s, CASE WHEN separator = '' THEN trino_fail_text() ELSE separator END);
CREATE MACRO trino_split_limit(s, separator, parts) AS
    CASE
        WHEN len(trino_split(s, separator)) <= parts THEN trino_split(s, separator)
        ELSE list_slice(trino_split(s, separator), 1, CASE WHEN parts <= 0 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) ELSE parts - 1 END)
            || [array_to_string(list_slice(trino_split(s, separator), parts, len(trino_split(s, separator))), separator)]
    END;
CREATE MACRO trino_split_part(s, separator, place) AS
    trino_split(s, separator)[CASE WHEN place <= 0 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) ELSE place END];
CREATE MACRO trino_split_at(entry, separator) AS
    CASE WHEN strpos(entry, separator) = 0 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) ELSE strpos(entry, separator) END;
CREATE MACRO trino_split_to_map(s, entries, separator) AS
    map(
        list_transform(string_split(s, entries), lambda e: left(e, trino_split_at(e, separator) - 1)),
        list_transform(string_split(s, entries), lambda e: substring(e, trino_split_at(e, separator) + length(separator)))
    );
CREATE MACRO trino_regexp_extract(s, pattern, part) AS CASE WHEN regexp_matches(s, pattern) THEN regexp_extract(s, pattern, part) END;
CREATE MACRO trino_regexp_extract_group(s, pattern, part) AS nullif(regexp_extract(s, pattern, part), '');
CREATE MACRO trino_regexp_position(s, before, first) AS
    CASE
        WHEN first < 1 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER)
        WHEN regexp_matches(substring(s, first), before) THEN length(regexp_extract(substring(s, first), before, 1)) + first
        ELSE -1
    END;

-- Dates and times

CREATE MACRO trino_whole_days(span) AS
    CASE WHEN epoch_us(span) % 86400000000 <> 0 THEN CAST(trino_fail_text() AS INTERVAL) ELSE span END;
CREATE MACRO trino_elapsed(first, last) AS to_milliseconds(date_sub('millisecond', first, last));
CREATE MACRO trino_interval_times(span, factor) AS to_milliseconds(CAST(trunc(epoch_ms(span) * factor) AS BIGINT));
CREATE MACRO trino_interval_divided(span, divisor) AS to_milliseconds(CAST(trunc(epoch_ms(span) / trino_nonzero(divisor)) AS BIGINT));
CREATE MACRO trino_months(span) AS date_part('year', span) * 12 + date_part('month', span);
CREATE MACRO trino_months_times(span, factor) AS to_months(CAST(trunc(trino_months(span) * factor) AS INTEGER));
CREATE MACRO trino_months_divided(span, divisor) AS to_months(CAST(trunc(trino_months(span) / trino_nonzero(divisor)) AS INTEGER));
CREATE MACRO trino_rounded(units, step) AS
    units - ((units % step) + step) % step + CASE WHEN 2 * (((units % step) + step) % step) >= step AND step > 1 THEN step ELSE 0 END;
CREATE MACRO trino_timestamp_rounded(moment, step) AS make_timestamp(trino_rounded(epoch_us(moment), CAST(step AS BIGINT)));
CREATE MACRO trino_time_rounded(moment, step) AS
    CAST(make_timestamp(trino_rounded(epoch_us(DATE '1970-01-01' + moment), CAST(step AS BIGINT))) AS TIME);
CREATE MACRO trino_timestamp_written(moment, digits) AS
    strftime(moment, '%Y-%m-%d %H:%M:%S') || CASE WHEN digits = 0 THEN '' ELSE '.' || left(strftime(moment, '%f'), digits) END;
CREATE MACRO trino_time_written(moment, digits) AS substring(trino_timestamp_written(DATE '1970-01-01' + moment, digits), 12);
CREATE MACRO trino_time_truncated(unit, moment) AS CAST(date_trunc(unit, DATE '1970-01-01' + moment) AS TIME);
CREATE MACRO trino_from_unixtime(seconds) AS timezone('UTC', make_timestamp(CAST(round(seconds * 1000) AS BIGINT) * 1000));

-- Lists. A NULL inside makes an answer NULL unless something else decides.

CREATE MACRO trino_has_null(list) AS len(list_filter(list, lambda e: e IS NULL)) > 0;
CREATE MACRO trino_all(answers) AS
    CASE WHEN answers IS NULL THEN NULL WHEN list_contains(answers, false) THEN false WHEN trino_has_null(answers) THEN NULL ELSE true END;
CREATE MACRO trino_any(answers) AS
    CASE WHEN answers IS NULL THEN NULL WHEN list_contains(answers, true) THEN true WHEN trino_has_null(answers) THEN NULL ELSE false END;
CREATE MACRO trino_none(answers) AS NOT trino_any(answers);
CREATE MACRO trino_same_arrays(a, b) AS
    CASE
        WHEN a IS NULL OR b IS NULL THEN NULL
        WHEN len(a) <> len(b) THEN false
        ELSE trino_all(list_transform(list_zip(a, b), lambda p: struct_extract_at(p, 1) = struct_extract_at(p, 2)))
    END;
CREATE MACRO trino_element_at(list, place) AS list[CASE WHEN place = 0 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) ELSE place END];
CREATE MACRO trino_subscript(list, place) AS
    list[CASE WHEN place < 1 OR place > len(list) THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) ELSE place END];
CREATE MACRO trino_distinct(list) AS
    list_filter(list, lambda e, i: CASE WHEN e IS NULL THEN len(list_filter(list[:i], lambda f: f IS NULL)) = 1 ELSE list_position(list, e) = i END);
CREATE MACRO trino_member(list, e) AS CASE WHEN e IS NULL THEN trino_has_null(list) ELSE list_contains(list, e) END;
CREATE MACRO trino_union(a, b) AS trino_distinct(a || b);
CREATE MACRO trino_intersect(a, b) AS list_filter(trino_distinct(a), lambda e: trino_member(b, e));
CREATE MACRO trino_except(a, b) AS list_filter(trino_distinct(a), lambda e: NOT trino_member(b, e));
CREATE MACRO trino_overlap(a, b) AS
    CASE
        WHEN a IS NULL OR b IS NULL THEN NULL
        WHEN list_has_any(list_filter(a, lambda e: e IS NOT NULL), list_filter(b, lambda e: e IS NOT NULL)) THEN true
        WHEN (trino_has_null(a) AND len(b) > 0) OR (trino_has_null(b) AND len(a) > 0) THEN NULL
        ELSE false
    END;
CREATE MACRO trino_contains(list, sought) AS
    CASE WHEN list IS NULL OR sought IS NULL THEN NULL WHEN list_contains(list, sought) THEN true WHEN trino_has_null(list) THEN NULL ELSE false END;
CREATE MACRO trino_without_nan(list) AS list_filter(list, lambda e: e IS NULL OR NOT isnan(e));
-- NaN is the smallest for the maximum; for the minimum it is the largest, as in DuckDB.
CREATE MACRO trino_array_max_float(list) AS
    CASE WHEN trino_has_null(list) THEN NULL ELSE coalesce(list_max(trino_without_nan(list)), list_max(list)) END;
CREATE MACRO trino_array_max(list) AS CASE WHEN trino_has_null(list) THEN NULL ELSE list_max(list) END;
CREATE MACRO trino_array_min(list) AS CASE WHEN trino_has_null(list) THEN NULL ELSE list_min(list) END;
CREATE MACRO trino_array_position(list, sought) AS
    CASE WHEN list IS NULL OR sought IS NULL THEN NULL ELSE CAST(coalesce(list_position(list, sought), 0) AS BIGINT) END;
CREATE MACRO trino_array_remove(list, sought) AS
    CASE WHEN sought IS NULL THEN NULL ELSE list_filter(list, lambda e: e IS NULL OR e <> sought) END;
CREATE MACRO trino_contains_float(list, sought) AS trino_contains(trino_without_nan(list), sought);
CREATE MACRO trino_array_position_float(list, sought) AS CASE WHEN isnan(sought) THEN 0 ELSE trino_array_position(list, sought) END;
CREATE MACRO trino_array_remove_float(list, sought) AS CASE WHEN isnan(sought) THEN list ELSE trino_array_remove(list, sought) END;
CREATE MACRO trino_array_join(list, separator) AS
    CASE WHEN list IS NULL THEN NULL ELSE coalesce(array_to_string(list_filter(list, lambda e: e IS NOT NULL), separator), '') END;
CREATE MACRO trino_array_histogram(list) AS list_aggregate(list, 'histogram');
-- The list in the order of a rank for each element; equal ranks keep their order.
CREATE MACRO trino_sorted_by(list, ranks) AS
    list_transform(list_sort(list_zip(ranks, generate_series(1, len(list)))), lambda p: list[struct_extract_at(p, 2)]);
CREATE MACRO trino_slice(list, first, size) AS
    list_slice(
        list,
        CASE
            WHEN first = 0 OR size < 0 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER)
            WHEN first > 0 THEN first
            WHEN -first > len(list) THEN len(list) + 1
            ELSE len(list) + first + 1
        END,
        CASE WHEN first > 0 THEN first + size - 1 WHEN -first > len(list) THEN 0 ELSE len(list) + first + size END
    );
CREATE MACRO trino_trim_array(list, size) AS
    list_slice(list, 1, CASE WHEN size < 0 OR size > len(list) THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) ELSE len(list) - size END);
CREATE MACRO trino_ngrams(list, size) AS
    CASE
        WHEN size >= len(list) THEN [list]
        ELSE list_transform(
            generate_series(1, len(list) - CASE WHEN size <= 0 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) ELSE size END + 1),
            lambda i: list[i:i + size - 1]
        )
    END;
CREATE MACRO trino_repeat(element, size) AS list_transform(range(size), lambda i: element);
CREATE MACRO trino_sequence2(first, last) AS
    generate_series(
        first,
        CASE WHEN abs(CAST(last AS HUGEINT) - first) >= 10000 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) ELSE last END,
        CASE WHEN first <= last THEN 1 ELSE -1 END
    );
CREATE MACRO trino_sequence3(first, last, step) AS
    generate_series(
        first,
        CASE
            WHEN step = 0 OR (step > 0 AND first > last) OR (step < 0 AND first < last) THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER)
            WHEN (CAST(last AS HUGEINT) - first) // step >= 10000 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER)
            ELSE last
        END,
        step
    );
CREATE MACRO trino_day_towards(first, last) AS CASE WHEN first <= last THEN to_days(1) ELSE to_days(-1) END;
CREATE MACRO trino_sequence_moments(first, last, step) AS
    list_transform(
        generate_series(
            0,
            CASE
                WHEN epoch_us(step) = 0 OR (epoch_us(step) > 0 AND first > last) OR (epoch_us(step) < 0 AND first < last) THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER)
                WHEN (epoch_us(last) - epoch_us(first)) // epoch_us(step) >= 10000 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER)
                ELSE (epoch_us(last) - epoch_us(first)) // epoch_us(step)
            END
        ),
        lambda i: first + to_microseconds(i * epoch_us(step))
    );
-- Counted from the start each time: 31 January, 29 February, 31 March.
CREATE MACRO trino_sequence_months(first, last, step) AS
    list_filter(
        list_transform(
            generate_series(
                0,
                CASE
                    WHEN trino_months(step) = 0 OR (trino_months(step) > 0 AND first > last) OR (trino_months(step) < 0 AND first < last) THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER)
                    WHEN date_diff('month', first, last) // trino_months(step) >= 10000 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER)
                    ELSE date_diff('month', first, last) // trino_months(step)
                END
            ),
            lambda i: first + to_months(CAST(i * trino_months(step) AS INTEGER))
        ),
        lambda m: CASE WHEN first <= last THEN m <= last ELSE m >= last END
    );

-- Maps

CREATE MACRO trino_map(names, items) AS
    map(list_slice(names, 1, len(names) + CASE WHEN len(names) <> len(items) THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) ELSE 0 END), items);
CREATE MACRO trino_map_of(names, items, whole) AS CASE WHEN whole IS NULL THEN NULL ELSE map(names, items) END;
CREATE MACRO trino_map_value(m, name) AS
    element_at(m, name)[CASE WHEN len(element_at(m, name)) = 0 THEN CAST('!INVALID_FUNCTION_ARGUMENT' AS INTEGER) ELSE 1 END];
CREATE MACRO trino_same_maps(a, b) AS
    CASE
        WHEN a IS NULL OR b IS NULL THEN NULL
        WHEN cardinality(a) <> cardinality(b) THEN false
        ELSE trino_all(
            list_transform(
                list_zip(list_sort(map_entries(a)), list_sort(map_entries(b))),
                lambda p: struct_extract_at(p, 1).key = struct_extract_at(p, 2).key AND struct_extract_at(p, 1).value = struct_extract_at(p, 2).value
            )
        )
    END;
-- Entries are structs of a name k and a value v; the first value of a name stays.
CREATE MACRO trino_map_agg(entries) AS
    CASE
        WHEN entries IS NULL THEN NULL
        WHEN list_unique(list_transform(entries, lambda e: e.k)) = len(entries) THEN map_from_entries(entries)
        ELSE map_from_entries(list_filter(entries, lambda e, i: list_position(list_transform(entries, lambda f: f.k), e.k) = i))
    END;
CREATE MACRO trino_multimap_agg(entries) AS
    CASE
        WHEN entries IS NULL THEN NULL
        ELSE map(
            trino_distinct(list_transform(entries, lambda e: e.k)),
            list_transform(
                trino_distinct(list_transform(entries, lambda e: e.k)),
                lambda name: list_transform(list_filter(entries, lambda e: e.k = name), lambda e: e.v)
            )
        )
    END;
CREATE MACRO trino_split_to_multimap(s, entries, separator) AS
    trino_multimap_agg(
        list_transform(
            string_split(s, entries),
            lambda e: {'k': left(e, trino_split_at(e, separator) - 1), 'v': substring(e, trino_split_at(e, separator) + length(separator))}
        )
    );
