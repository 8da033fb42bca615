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
    dp127_duplicate_task_id,
    dp128_invalid_cron,
    dp129_invalid_id,
    dp130_uncast_template_param,
    dp131_conf_key_without_default,
    dp132_undeclared_conf_key,
    dp133_context_key_argument,
    dp134_shared_task_decorator,
    dp135_undeclared_param,
    dp140_unserializable_xcom,
    dp141_pickled_xcom,
    dp142_non_finite_xcom,
    dp150_unclosed_mlflow_run,
    dp151_mlflow_stage,
    dp152_retried_mlflow_run,
    dp153_skops_refused_model,
    dp154_mlflow_file_store,
    dp155_mlflow_artifact_path,
    dp160_untagged_dag,
    dp161_ownerless_dag,
    dp162_unretried_tasks,
    dp163_unset_catchup,
    dp164_missing_timeout,
    dp165_undescribed_dag,
    dp166_too_many_tasks,
    dp167_unconventional_dag_id,
    dp168_sensor_without_timeout,
    dp169_unknown_trigger_rule,
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
    dp127_duplicate_task_id.RULE,
    dp128_invalid_cron.RULE,
    dp129_invalid_id.RULE,
    dp130_uncast_template_param.RULE,
    dp131_conf_key_without_default.RULE,
    dp132_undeclared_conf_key.RULE,
    dp133_context_key_argument.RULE,
    dp134_shared_task_decorator.RULE,
    dp135_undeclared_param.RULE,
    dp140_unserializable_xcom.RULE,
    dp141_pickled_xcom.RULE,
    dp142_non_finite_xcom.RULE,
    dp150_unclosed_mlflow_run.RULE,
    dp151_mlflow_stage.RULE,
    dp152_retried_mlflow_run.RULE,
    dp153_skops_refused_model.RULE,
    dp154_mlflow_file_store.RULE,
    dp155_mlflow_artifact_path.RULE,
    dp160_untagged_dag.RULE,
    dp161_ownerless_dag.RULE,
    dp162_unretried_tasks.RULE,
    dp163_unset_catchup.RULE,
    dp164_missing_timeout.RULE,
    dp165_undescribed_dag.RULE,
    dp166_too_many_tasks.RULE,
    dp167_unconventional_dag_id.RULE,
    dp168_sensor_without_timeout.RULE,
    dp169_unknown_trigger_rule.RULE,
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
