# Debian's PostgreSQL, for machines that reach no registry; elsewhere the official image serves.
# `packages/` holds the files of Debian's packages, brought there by `dagproof`.
ARG BASE
FROM ${BASE}
ARG MAJOR
ARG VERSION
ARG RECIPE
LABEL org.opencontainers.image.title="dagproof Postgres" \
      org.opencontainers.image.description="Debian's PostgreSQL, started as the official image is" \
      org.opencontainers.image.licenses="PostgreSQL" \
      org.opencontainers.image.version=$VERSION \
      dagproof.image=postgres \
      dagproof.recipe=$RECIPE
COPY packages /
COPY postgres.sh /usr/local/bin/docker-entrypoint.sh
RUN ["useradd", "--uid", "999", "--user-group", "--no-create-home", "--home-dir", "/var/lib/postgresql", "postgres"]
RUN ["install", "--directory", "--owner=postgres", "--group=postgres", "--mode=0700", "/var/lib/postgresql/data"]
RUN ["install", "--directory", "--owner=postgres", "--group=postgres", "--mode=3777", "/var/run/postgresql"]
ENV PATH=/usr/lib/postgresql/$MAJOR/bin:$PATH PGDATA=/var/lib/postgresql/data LANG=C.UTF-8
USER 999:999
EXPOSE 5432
STOPSIGNAL SIGINT
ENTRYPOINT ["/usr/local/bin/docker-entrypoint.sh"]
