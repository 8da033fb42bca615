# An S3 that keeps objects as files. MinIO's images are no longer to be had.
FROM ghcr.io/versity/versitygw:v1.7.0

RUN mkdir -p /data && chown 10002:10002 /data
USER 10002:10002
