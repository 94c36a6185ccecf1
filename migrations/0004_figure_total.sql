-- How many values a figure has and their sum, in one walk over them: what PostgreSQL's own avg(int4) keeps while it counts. A roll-up asks both of 120
-- columns, most of them null, and two aggregates of each cost it half as much again (src/storage/statistics-statement.ts).
CREATE AGGREGATE "figure_total" (int4) (SFUNC = int4_avg_accum, STYPE = bigint[], INITCOND = '{0,0}', COMBINEFUNC = int4_avg_combine, PARALLEL = SAFE);
