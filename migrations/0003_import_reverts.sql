ALTER TABLE "imports" ALTER COLUMN "sha256" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "imports" ALTER COLUMN "bytes" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "imports" ALTER COLUMN "format" DROP NOT NULL;--> statement-breakpoint
ALTER TABLE "imports" ADD COLUMN "reverts" bigint;--> statement-breakpoint
CREATE INDEX "imports_reverts" ON "imports" USING btree ("reverts") WHERE reverts is not null;--> statement-breakpoint
CREATE INDEX "record_revisions_import" ON "record_revisions" USING btree ("import_id","seq") WHERE import_id is not null;