#!/bin/sh
# Runs both reference pipelines on embedded services: `make demo`.
set -eu

if [ -z "${TAXI_SOURCE:-}" ]; then
    TAXI_SOURCE=$("$BIN/python" tests/fixtures/tlc.py)
    export TAXI_SOURCE
fi
exec "$BIN/dagproof" run
