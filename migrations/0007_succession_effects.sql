ALTER TABLE "successions" ADD COLUMN "ended" boolean DEFAULT true NOT NULL;--> statement-breakpoint
ALTER TABLE "successions" ADD COLUMN "made" text;