# MLflow's own image has neither psycopg2 nor boto3 (mlflow#9513).
FROM python:3.11-slim-bookworm

COPY constraints/airflow-3.3.txt /opt/build/
RUN pip install --no-cache-dir --constraint /opt/build/airflow-3.3.txt \
    boto3 mlflow prometheus-flask-exporter psycopg2-binary \
    && useradd --uid 10001 --create-home mlflow
USER mlflow
WORKDIR /home/mlflow
EXPOSE 5000
