# The API alone: no PostgreSQL inside, so DATABASE_URL and DUIJIE_SECRET_KEY are needed.
#   docker build --tag duijie .
FROM rust:1.95-slim-bookworm AS build
WORKDIR /build
COPY Cargo.toml Cargo.lock ./
COPY src src
COPY data data
COPY migrations migrations
RUN cargo build --profile production --locked --bin duijie \
    && strip --strip-debug --output-file=/duijie target/production/duijie

FROM debian:bookworm-slim
LABEL org.opencontainers.image.title="duijie" \
      org.opencontainers.image.description="Supply-demand matchmaking marketplace API" \
      org.opencontainers.image.licenses="MIT OR Apache-2.0"
COPY --from=build /duijie /usr/local/bin/duijie
# Whom to believe where webhooks, mail and text messages go by TLS.
COPY --from=build /etc/ssl/certs/ca-certificates.crt /etc/ssl/certs/ca-certificates.crt
COPY LICENSE-MIT LICENSE-APACHE data/NOTICE.md /usr/share/doc/duijie/
COPY data/mappings /usr/share/duijie/mappings
ENV DUIJIE_BIND=0.0.0.0:8080 \
    DUIJIE_LOG_FORMAT=json
USER 10001:10001
EXPOSE 8080
STOPSIGNAL SIGTERM
# bash opens the connection itself, so the image needs no HTTP client.
HEALTHCHECK --interval=10s --timeout=5s --start-period=60s --retries=3 \
    CMD ["bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/8080 && printf 'GET /readyz HTTP/1.0\\r\\nHost: localhost\\r\\n\\r\\n' >&3 && read -r -t 4 _ status _ <&3 && [ \"$status\" = 200 ]"]
ENTRYPOINT ["duijie"]
CMD ["serve"]
