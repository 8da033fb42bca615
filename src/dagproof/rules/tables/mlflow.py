"""Calls of MLflow that ask, or configure the address of, a tracking server (DP101)."""

from typing import Final

CALLS: Final[dict[str, str]] = {
    "mlflow": """
        set_tracking_uri set_registry_uri set_experiment set_experiment_tag set_experiment_tags
        set_workspace create_experiment get_experiment get_experiment_by_name search_experiments
        list_experiments delete_experiment
        start_run end_run last_active_run get_run get_parent_run delete_run search_runs
        list_run_infos
        log_param log_params log_metric log_metrics log_artifact log_artifacts log_text log_dict
        log_figure log_image log_table log_input log_inputs log_outputs log_model_params
        log_stream load_table
        set_tag set_tags delete_tag get_artifact_uri
        autolog **.autolog enable_system_metrics_logging disable_system_metrics_logging
        set_system_metrics_sampling_interval set_system_metrics_samples_before_logging
        set_system_metrics_node_id
        register_model search_registered_models search_model_versions set_model_version_tag
        initialize_logged_model create_external_model finalize_logged_model get_logged_model
        search_logged_models set_logged_model_tags
        delete_logged_model_tag last_logged_model set_active_model clear_active_model
        register_prompt load_prompt search_prompts set_prompt_alias delete_prompt_alias
        doctor login run evaluate validate_evaluation_results flush_async_logging
        flush_artifact_async_logging flush_trace_async_logging

        **.MlflowClient **.MlflowClient().* **.TrackingServiceClient().* **.ModelRegistryClient().*
        client.MlflowClient.**
        tracking.set_tracking_uri tracking.set_registry_uri tracking.fluent.*
        !tracking.fluent.ActiveRun
        tracking.artifact_utils.* tracking._model_registry.fluent.*
        tracking._tracking_service.utils.set_tracking_uri
        projects.run projects.submitted_run.** artifacts.download_artifacts artifacts.list_artifacts
        artifacts.load_dict artifacts.load_image artifacts.load_text
        deployments.get_deploy_client deployments.get_deploy_client().* deployments.run_local
        deployments.set_deployments_target
        gateway.set_gateway_uri gateway.query gateway.search_routes gateway.create_route
        gateway.delete_route gateway.get_route

        **.load_model **.log_model **.save_model **.spark_udf **.get_model_dependencies
        models.predict models.build_docker models.Model.log models.Model.load models.Model().log
        models.Model().save models.evaluate models.get_model_info
        models.add_libraries_to_model models.update_model_requirements
        models.Model.get_model_info
        **.load_pyfunc **.load_vectorizer **.load_checkpoint **.log_explanation **.save_explanation
        **.load_explainer **.log_explainer **.save_explainer
        pyfunc.get_model_dependencies pyfunc.load_model().predict pyfunc.spark_udf
        pyfunc.load_pyfunc pyfunc.load_model().predict_stream
        pytorch.log_state_dict pytorch.load_state_dict spark.load_model().transform
        promptflow.log_model shap.log_explanation
        sagemaker.** azureml.** !sagemaker.**.Client
        recipes.Recipe recipes.Recipe().* pipelines.Pipeline pipelines.Pipeline().*

        search_traces get_trace log_trace log_feedback log_expectation
        log_assessment update_assessment override_feedback delete_assessment get_assessment
        update_current_trace get_last_active_trace get_last_active_trace_id start_span
        start_span_no_context add_trace search_sessions set_trace_tag delete_trace_tag
        tracing.enable tracing.disable tracing.set_destination tracing.reset
        tracing.fluent.start_span
        genai.evaluate genai.create_dataset genai.get_dataset genai.delete_dataset
        genai.search_datasets genai.register_prompt genai.load_prompt genai.search_prompts
        genai.set_prompt_alias genai.delete_prompt_alias genai.optimize_prompt
        genai.optimize_prompts genai.enable_git_model_versioning genai.disable_git_model_versioning
        genai.delete_prompt_version_tag genai.set_prompt_version_tag genai.datasets.*
        genai.labeling.*
        genai.git_versioning.* genai.to_predict_fn genai.scheduled_scorers.*
        genai.scorers.list_scorers genai.scorers.get_scorer genai.scorers.delete_scorer
        genai.create_labeling_session genai.get_labeling_session genai.get_labeling_sessions
        genai.delete_labeling_session genai.get_review_app
        system_metrics.enable_system_metrics_logging system_metrics.disable_system_metrics_logging
        store.tracking.**.*Store().* store.artifact.**.*Repository().*
        store.model_registry.**.*Store().*
        store.tracking.**.*Store server.** !server.get_app_client
        db.**

        restore_experiment restore_run delete_experiment_tag create_workspace delete_workspace
        list_workspaces
        update_workspace get_workspace log_issue import_checkpoints models.set_signature
        tracing.set_experiment_trace_location tracing.unset_experiment_trace_location
        tracing.set_databricks_monitoring_sql_warehouse_id
        genai.test_agent genai.get_scorer genai.list_scorers genai.delete_scorer
        genai.delete_dataset_tag genai.set_dataset_tags genai.get_prompt_tags genai.set_prompt_tag
        genai.delete_prompt_tag genai.set_prompt_model_config genai.delete_prompt_model_config
        genai.register_mcp_server genai.register_mcp_server_from_url genai.get_mcp_server
        genai.search_mcp_servers genai.update_mcp_server genai.delete_mcp_server
        genai.get_mcp_server_version genai.get_mcp_server_version_by_alias
        genai.get_latest_mcp_server_version genai.search_mcp_server_versions
        genai.update_mcp_server_version genai.refresh_mcp_server_version_tools
        genai.delete_mcp_server_version genai.create_mcp_access_endpoint
        genai.get_mcp_access_endpoint genai.search_mcp_access_endpoints
        genai.update_mcp_access_endpoint genai.delete_mcp_access_endpoint
        genai.set_mcp_server_tag genai.delete_mcp_server_tag genai.set_mcp_server_version_tag
        genai.delete_mcp_server_version_tag genai.set_mcp_server_alias
        genai.delete_mcp_server_alias
    """,
}
