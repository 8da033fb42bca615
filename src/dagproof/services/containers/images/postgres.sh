#!/bin/sh
# Makes the cluster at the first start, then becomes the server; arguments are the server's.
set -eu

user=${POSTGRES_USER:-postgres}
database=${POSTGRES_DB:-$user}

if [ "${1:-}" = postgres ]; then
	shift
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
	if [ -z "${POSTGRES_PASSWORD:-}" ]; then
		echo "POSTGRES_PASSWORD is not set: start the container with a password for \`$user\`." >&2
		exit 1
	fi
	printf '%s\n' "$POSTGRES_PASSWORD" | initdb \
		--pgdata="$PGDATA" --username="$user" --pwfile=/dev/stdin \
		--auth-local=trust --auth-host=scram-sha-256 \
		--encoding=UTF8 --locale=C --no-sync --no-instructions
	echo 'host all all all scram-sha-256' >>"$PGDATA/pg_hba.conf"
	if [ "$database" != postgres ]; then
		quoted=$(printf '%s' "$database" | sed 's/"/""/g')
		printf 'CREATE DATABASE "%s"\n' "$quoted" |
			postgres --single -F -D "$PGDATA" postgres >/dev/null
	fi
fi

exec postgres -D "$PGDATA" -c listen_addresses='*' "$@"
