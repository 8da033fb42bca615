"""Calls that ask Airflow's metadata database, its API or a secrets backend (DP104).

A hook looks its connection up with its first method, so that every method of an instance counts;
building a hook or a Connection asks nobody. Airflow 1.10 to 3 spell the same things differently.
"""

from typing import Final

CALLS: Final[dict[str, str]] = {
    "airflow": """
        **.Variable.get **.Variable.set **.Variable.delete **.Variable.update
        **.Variable.setdefault **.Variable.keys **.Variable.get_variable_from_secrets
        **.Variable.check_for_write_conflict

        **.*Hook.get_connection **.*Hook.get_connections **.*Hook.get_hook **.*Hook.aget_hook
        **.*Hook.aget_connection **.*Hook.get_conn
        **.*Hook().*
        **.*Hook().get_cursor().*
        **.*Hook().get_client().* **.*Hook().get_client_type().*
        **.*Hook().get_sqlalchemy_engine().* **.*Hook().get_sqlalchemy_engine().connect().*
        **.*Hook().get_sqlalchemy_engine().begin().* **.*Hook().get_resource_type().*
        **.*Hook().get_bucket().* **.*Hook().get_key().*
        **.*Hook().conn.** **.*Hook().client.** **.*Hook().connection.** **.*Hook().core_v1_client.*
        **.*Hook.get_hook().* **.*Hook().get_hook().* **.*Hook().get_hook().get_conn().*
        **.*Hook().get_conn()[].* **.*Hook().get_conn()[][].*
        **.*Hook().get_conn().open_sftp().* **.*Hook().get_tunnel().*
        !**.*Hook().get_ui_field_behaviour !**.*Hook().get_connection_form_widgets
        !**.*Hook().parse_s3_url !**.*Hook().get_s3_bucket_key !**.*Hook().strip_sql_string
        !**.*Hook().split_sql_string !**.*Hook().get_openlineage_database_dialect
        !**.*Hook().get_openlineage_authority_part !**.*Hook().get_openlineage_default_schema

        **.Connection.get **.Connection.get_connection_from_secrets
        **.Connection().get_hook **.Connection().get_hook().* **.Connection().test_connection
        **.get_connection_from_secrets **.ConnectionAccessor().*

        settings.Session settings.Session().** settings.engine.** settings.NonScopedSession
        settings.NonScopedSession().** settings.AsyncSession settings.AsyncSession().**
        settings.initialize settings.configure_orm settings.reconfigure_orm
        settings.get_engine settings.get_engine().** settings.get_session settings.get_session().**
        !**.Session().**.*()[].** !**.create_session().**.*()[].**
        utils.db.* utils.db.create_session().** !utils.db.provide_session
        **.create_session **.create_session().** **.create_session_async
        **.create_session_async().** **.create_global_lock
        utils.db_cleanup.* utils.cli_action_loggers.default_action_log
        !**.Session().close !**.create_session().close

        **.DagRun.find **.DagRun.find_duplicates **.DagRun.get_previous_dagrun
        **.DagRun.get_previous_scheduled_dagrun **.DagRun.get_run **.DagRun.get_latest_runs
        **.DagRun.get_running_dag_runs_to_examine **.DagRun.get_queued_dag_runs_to_set_running
        **.DagRun.next_dagruns_to_examine **.DagRun.active_runs_of_dags
        **.DagRun.fetch_task_instances **.DagRun().get_task_instances
        **.DagRun().get_task_instance **.DagRun().refresh_from_db **.DagRun().update_state
        **.DagRun().verify_integrity **.DagRun().get_previous_dagrun **.DagRun().get_state
        **.DagRun().fetch_task_instance **.DagRun().fetch_task_instances
        **.DagModel.get_dagmodel **.DagModel.get_current **.DagModel.get_paused_dag_ids
        **.DagModel.get_all_paused_dag_ids **.DagModel.dags_needing_dagruns
        **.DagModel.get_default_view **.DagModel.deactivate_deleted_dags
        **.DagModel.get_dagmodel().* **.DagModel().get_last_dagrun **.DagModel().set_is_paused
        **.DagModel().get_default_view **.DagModel().calculate_dagrun_date_fields
        **.DagBag **.DagBag().get_dag **.DagBag().collect_dags **.DagBag().collect_dags_from_db
        **.DagBag().process_file **.DagBag().sync_to_db **.DagBag().get_serialized_dags
        **.DBDagBag().get_dag **.DBDagBag().get_latest_version_of_dag
        **.DBDagBag().iter_all_latest_version_dags
        **.SerializedDagModel.* !**.SerializedDagModel.write_dag().**
        **.DagCode.* **.DagVersion.* **.DagTag.* **.DagWarning.*
        **.DAG.bulk_sync_to_db **.DAG.bulk_write_to_db **.DAG.deactivate_stale_dags
        **.DAG.deactivate_unknown_dags **.DAG.get_num_task_instances **.DAG.clear_dags
        **.DAG().bulk_sync_to_db **.DAG().bulk_write_to_db **.DAG().sync_to_db
        **.DAG().get_last_dagrun **.DAG().get_dagrun **.DAG().get_dagruns_between
        **.DAG().get_active_runs **.DAG().get_num_active_runs **.DAG().get_is_paused
        **.DAG().get_is_active **.DAG().get_concurrency_reached **.DAG().get_latest_execution_date
        **.DAG().get_task_instances **.DAG().get_task_instances_before
        **.DAG().set_dag_runs_state **.DAG().set_task_instance_state
        **.DAG().set_task_group_state **.DAG().clear **.DAG().run **.DAG().test
        **.DAG().cli **.DAG().create_dagrun **.DAG().pickle **.DAG().handle_callback
        **.DAG().has_dag_runs
        **.TaskInstance().refresh_from_db **.TaskInstance().xcom_pull
        **.TaskInstance().xcom_push **.TaskInstance().get_dagrun **.TaskInstance().set_state
        **.TaskInstance().current_state **.TaskInstance().run **.TaskInstance().error
        **.TaskInstance().get_previous_ti **.TaskInstance().get_previous_dagrun
        **.TaskInstance().get_previous_execution_date **.TaskInstance().get_previous_start_date
        **.TaskInstance().are_dependencies_met **.TaskInstance().are_dependents_done
        **.TaskInstance().clear_xcom_data **.TaskInstance().clear_db_references
        **.TaskInstance().check_and_change_state_before_execution
        **.TaskInstance().get_template_context **.TaskInstance().get_num_running_task_instances
        **.TaskInstance.get_task_instance **.TaskInstance.batch_set_state
        **.clear_task_instances **.TaskReschedule.find_for_task_instance
        **.TaskReschedule.query_for_task_instance
        **.XCom.get_one **.XCom.get_many **.XCom.get_value **.XCom.get_all **.XCom.set
        **.XCom.delete **.XCom.clear **.XCom.purge **.BaseXCom.get_one **.BaseXCom.get_many
        **.BaseXCom.get_value **.BaseXCom.get_all **.BaseXCom.set **.BaseXCom.delete
        **.BaseXCom.clear **.XComModel.get_many **.XComModel.set **.XComModel.clear
        **.Pool.get_pool **.Pool.get_pools **.Pool.get_default_pool
        **.Pool.create_or_update_pool **.Pool.delete_pool **.Pool.slots_stats
        **.Pool().occupied_slots **.Pool().open_slots
        **.Pool().running_slots **.Pool().queued_slots **.Pool().total_slots
        **.Trigger.* **.Log.query.** **.Deadline.* !**.Deadline.reference

        utils.cli.get_dag utils.cli.get_dags utils.cli.get_dag_by_file_location
        www.app.cached_app www.app.create_app jobs.**.*Job().run
        api.client.get_current_api_client api.client.get_current_api_client().*
        api.client.**.Client().* api.common.**
        **.*SecretsBackend().* **.*Backend().get_connection **.*Backend().get_conn_value
        **.*Backend().get_conn_uri **.*Backend().get_connections **.*Backend().get_variable
        **.*Backend().get_config
        configuration.ensure_secrets_loaded secrets.local_filesystem.load_variables
        secrets.local_filesystem.load_connections_dict
                **.get_user_by_username
    """,
}
