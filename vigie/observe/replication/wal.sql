-- Bytes of the WAL on the disk.
SELECT coalesce(sum(size), 0)::bigint FROM pg_ls_waldir()
