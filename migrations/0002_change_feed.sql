CREATE FUNCTION "change_position"() RETURNS xid8 LANGUAGE plpgsql VOLATILE AS $$
begin
	-- Not in the language SQL: that would be inlined and see the snapshot of the statement, which is older than its locks.
	return greatest(pg_current_xact_id(), pg_snapshot_xmax(pg_current_snapshot()));
end $$;
--> statement-breakpoint
CREATE TABLE "change_epoch" (
	"id" smallint PRIMARY KEY DEFAULT 1 NOT NULL,
	"epoch" integer NOT NULL,
	"system_identifier" text NOT NULL,
	"database_oid" text NOT NULL,
	"next_xid" "xid8" NOT NULL
);
--> statement-breakpoint
DROP INDEX "record_revisions_order";--> statement-breakpoint
ALTER TABLE "record_revisions" ADD COLUMN "epoch" integer DEFAULT 1 NOT NULL;--> statement-breakpoint
ALTER TABLE "record_revisions" ADD COLUMN "position" "xid8" DEFAULT change_position() NOT NULL;--> statement-breakpoint
CREATE INDEX "record_revisions_order" ON "record_revisions" USING btree ("epoch","position","seq");