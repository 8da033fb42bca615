"""ETL whose quality is tracked chunk by chunk: rows, share of nulls, checksum."""
