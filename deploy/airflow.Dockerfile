# Airflow with what the DAGs import, at the versions that the tests have seen.
FROM apache/airflow:3.3.2-python3.11

COPY --chown=airflow:0 constraints/airflow-3.3.txt deploy/airflow.txt /opt/build/
RUN pip install --no-cache-dir --constraint /opt/build/airflow-3.3.txt \
    --requirement /opt/build/airflow.txt
# A new volume takes the owner of the folder that it covers.
RUN mkdir -p /opt/airflow/auth
COPY --chown=airflow:0 deploy/heartbeat.py /opt/build/
