#!/bin/sh
# Runs every reference pipeline on embedded services: `make demo`.
set -eu

if [ -z "${TAXI_SOURCE:-}" ]; then
    TAXI_SOURCE=$("$BIN/python" tests/fixtures/tlc.py)
    export TAXI_SOURCE
fi
exec "$BIN/dagproof" run
