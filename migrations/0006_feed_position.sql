-- The place of a revision in the feed: the last transaction id that was over when its record was locked, its own at least. It was the next one, which
-- an idle database has not given away yet, so that the revision waited for whoever wrote next (docs/decisions/0010).
CREATE OR REPLACE FUNCTION "change_position"() RETURNS xid8 LANGUAGE plpgsql VOLATILE AS $$
begin
	-- Not in the language SQL: that would be inlined and see the snapshot of the statement, which is older than its locks.
	return greatest(pg_current_xact_id(), (pg_snapshot_xmax(pg_current_snapshot())::text::bigint - 1)::text::xid8);
end $$;
