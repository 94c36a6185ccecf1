# The service alone: it needs DATABASE_URL, because the embedded PostgreSQL of a local start is not in the image.
# What changes rarely comes first, so that a change in src/ builds nothing but the last layers.

FROM node:24-bookworm-slim AS manifest
WORKDIR /app
COPY package.json package-lock.json .npmrc ./

FROM manifest AS dependencies
RUN npm ci --omit=dev --omit=optional

FROM manifest AS build
RUN npm ci
COPY build.mjs ./
COPY src src
RUN npm run build

FROM node:24-bookworm-slim
ENV NODE_ENV=production TZ=UTC HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app/node_modules node_modules
COPY package.json LICENSE ./
COPY migrations migrations
COPY registry registry
COPY --from=build /app/dist dist
# All of /app belongs to root: the service writes nothing there. A file that is imported is spooled, without a name, in the folder for
# temporary files or in IMPORT_DIR.
USER node
EXPOSE 3000
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
  CMD ["node", "-e", "fetch('http://127.0.0.1:' + (process.env.PORT || 3000) + '/livez').then(({ ok }) => process.exit(ok ? 0 : 1))"]
# As `npm start` runs it: see docs/decisions/0016-import-speed.md for the heap.
CMD ["node", "--min-semi-space-size=8", "--max-semi-space-size=8", "--no-parallel-scavenge", \
  "--incremental-marking-soft-trigger=90", "--incremental-marking-hard-trigger=95", "dist/server.js"]
