#!/bin/sh
# Makes MLflow's database and user beside Airflow's, when Postgres begins with an empty folder.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname postgres \
    --set password="$MLFLOW_DB_PASSWORD" <<'SQL'
CREATE USER mlflow PASSWORD :'password';
CREATE DATABASE mlflow OWNER mlflow;
SQL
