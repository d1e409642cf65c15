-- Bytes of a row with its indexes, for each table that has rows; VACUUM ANALYZE comes before it.   psql -At -f bench/row_sizes.sql
SELECT format('%s: %s rows of %s bytes, indexes included', name, rows, bytes / rows)
FROM (SELECT name, sum(pg_total_relation_size(part.relid))::bigint AS bytes, sum(greatest(class.reltuples, 0))::bigint AS rows
      FROM unnest(ARRAY['ActivityNotificationKey', 'ActivityNotification', 'ActivityNotificationRecipient', 'ActivityInbox']) name,
           pg_partition_tree(format('signal.%I', name)::regclass) part JOIN pg_class class ON class.oid = part.relid
      WHERE part.isleaf GROUP BY name) sizes
WHERE rows > 0;
