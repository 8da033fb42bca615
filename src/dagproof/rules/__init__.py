"""The offences that dagproof knows: one file for each, and one list in order of code."""

from typing import Any, Final

from dagproof.model import Rule
from dagproof.rules import (
    dp100_unreadable_file,
    dp101_mlflow_call_at_import,
    dp102_network_call_at_import,
    dp103_database_call_at_import,
    dp104_airflow_metadata_at_import,
    dp105_file_write_at_import,
    dp106_file_read_at_import,
    dp107_subprocess_at_import,
    dp108_environment_write_at_import,
    dp109_sleep_at_import,
    dp110_thread_at_import,
    dp111_runtime_varying_value,
    dp112_heavy_import,
    dp113_model_load_at_import,
    dp114_hardcoded_secret,
    dp120_uncalled_dag,
    dp121_duplicate_dag_id,
    dp122_missing_xcom_source,
    dp123_missing_trigger_target,
    dp124_undeclared_pool,
    dp125_undeclared_connection,
    dp126_undeclared_variable,
    dp190_unused_ignore,
    dp191_ignore_without_reason,
    dp192_unknown_ignore,
)
from dagproof.rules.reading import Reading
from dagproof.rules.repository import Repository
from dagproof.source.comments import JudgedIgnore

READING: Final[tuple[Rule[Reading], ...]] = (
    dp100_unreadable_file.RULE,
    dp101_mlflow_call_at_import.RULE,
    dp102_network_call_at_import.RULE,
    dp103_database_call_at_import.RULE,
    dp104_airflow_metadata_at_import.RULE,
    dp105_file_write_at_import.RULE,
    dp106_file_read_at_import.RULE,
    dp107_subprocess_at_import.RULE,
    dp108_environment_write_at_import.RULE,
    dp109_sleep_at_import.RULE,
    dp110_thread_at_import.RULE,
    dp111_runtime_varying_value.RULE,
    dp112_heavy_import.RULE,
    dp113_model_load_at_import.RULE,
    dp114_hardcoded_secret.RULE,
    dp120_uncalled_dag.RULE,
    dp122_missing_xcom_source.RULE,
)
"""Rules that look at one module at a time."""

REPOSITORY: Final[tuple[Rule[Repository], ...]] = (
    dp121_duplicate_dag_id.RULE,
    dp123_missing_trigger_target.RULE,
    dp124_undeclared_pool.RULE,
    dp125_undeclared_connection.RULE,
    dp126_undeclared_variable.RULE,
)
"""Rules that look at all modules at once."""

COMMENTS: Final[tuple[Rule[JudgedIgnore], ...]] = (
    dp190_unused_ignore.RULE,
    dp191_ignore_without_reason.RULE,
    dp192_unknown_ignore.RULE,
)
"""Rules that look at one ignore comment at a time."""

RULES: Final[tuple[Rule[Any], ...]] = tuple(
    sorted((*READING, *REPOSITORY, *COMMENTS), key=lambda rule: rule.code)
)
"""All rules, in order of code."""
