CREATE TABLE "period_changes" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "period_changes_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"period_id" integer NOT NULL,
	"action" text NOT NULL,
	"region" text COLLATE "C",
	"due_on" date,
	"actor" text NOT NULL,
	"reason" text,
	"recorded_at" timestamp(3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE INDEX "period_changes_period" ON "period_changes" USING btree ("period_id","region","id");