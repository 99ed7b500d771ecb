# syntax=docker/dockerfile:1
# The built server on a distroless image: no shell, no package manager, not root, nothing to write to.

FROM node:24-bookworm-slim AS build
WORKDIR /build
COPY . .
# `npm ci` ends with the build of the console.
RUN npm ci && npm run build:server && npm ci --omit=dev --prefix dist/server

FROM gcr.io/distroless/nodejs24-debian12:nonroot
WORKDIR /app
COPY --from=build /build/dist/server ./
# A name server that does not answer keeps a thread for ten seconds for each name: of 16 threads 8 may wait for names.
ENV NODE_ENV=production HOST=0.0.0.0 PORT=4000 UV_THREADPOOL_SIZE=16
EXPOSE 4000
USER nonroot
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 \
  CMD ["/nodejs/bin/node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/livez`).then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
CMD ["main.js"]
