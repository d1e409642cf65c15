-- Bytes of a row with its indexes, for each table that has rows; VACUUM ANALYZE comes before it.   psql -At -f bench/row_sizes.sql
SELECT format('%s: %s rows of %s bytes, indexes included', name, rows, bytes / rows)
FROM (SELECT name, sum(pg_total_relation_size(class.oid))::bigint AS bytes, sum(greatest(class.reltuples, 0))::bigint AS rows
      FROM unnest(ARRAY['ActivityNotificationKey', 'ActivityNotification', 'ActivityNotificationRecipient', 'ActivityInbox']) name
      JOIN pg_class class ON class.relkind = 'r' AND class.oid IN (SELECT format('signal.%I', name)::regclass UNION ALL
        SELECT relid FROM pg_partition_tree(format('signal.%I', name)::regclass))
      GROUP BY name) sizes
WHERE rows > 0;
