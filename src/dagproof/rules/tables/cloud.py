"""Calls that build or use a client of a cloud (DP102): to build one is to look for credentials."""

from typing import Final

CALLS: Final[dict[str, str]] = {
    "boto3": """
        client resource Session session.Session setup_default_session
        client().* client().get_paginator().paginate client().get_paginator().paginate().*
        client().get_waiter().wait client().meta.client.*
        !**.get_paginator !**.get_waiter !**.can_paginate !resource().Bucket !resource().Table
        !resource().Object !resource().Queue !resource().Topic !resource().Bucket().Object
        !**.generate_presigned_url !**.get_available_resources !**.get_available_services
        !client().close
        resource().** Session().** session.Session().** !**.Session().client().exceptions.**
        s3.transfer.S3Transfer().*
        !**.close
        !**.*()[].**
    """,
    "botocore": """
        session.get_session().create_client
        session.Session().create_client session.get_session().get_credentials
        session.Session().get_credentials session.get_session().create_client().*
        session.Session().create_client().* credentials.**.load_credentials
        httpsession.URLLib3Session().send
    """,
    "aiobotocore": """
        session.get_session().create_client session.AioSession().create_client
        session.get_session().create_client().* session.AioSession().create_client().*
        get_session().create_client get_session().create_client().*
    """,
    "aioboto3": """
        client resource client().* resource().** Session().client Session().resource
        Session().client().* Session().resource().**
    """,
    "boto": """
        connect_s3 connect_s3().** connect_ec2 connect_dynamodb connect_sqs
        *.connect_to_region *.connect_to_region().** s3.connection.S3Connection
        s3.connection.S3Connection().** emr.connect_to_region
    """,
    "awswrangler": """
        s3.* athena.* catalog.* redshift.* dynamodb.* emr.* secretsmanager.* sts.* postgresql.*
        mysql.* cloudwatch.* timestream.* quicksight.* opensearch.* s3.**.* lakeformation.*
        postgresql.connect().* redshift.connect().* mysql.connect().*
    """,
    "pyathena": "connect connect().* connect().cursor().* connection.Connection",
    "s3fs": "S3FileSystem().* core.S3FileSystem().* S3Map !**.split_path",
    "gcsfs": "GCSFileSystem GCSFileSystem().* core.GCSFileSystem core.GCSFileSystem().*",
    "adlfs": "AzureBlobFileSystem AzureBlobFileSystem().* AzureDatalakeFileSystem().*",
    "ossfs": "OSSFileSystem().*",
    "s3path": """
        S3Path().** !S3Path().joinpath !S3Path().with_suffix !S3Path().with_name
        !S3Path().relative_to !S3Path().as_uri !S3Path().is_absolute !S3Path().parent.joinpath
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "cloudpathlib": """
        **.*Client *Path().exists *Path().read_text *Path().read_bytes *Path().write_text
        *Path().write_bytes *Path().open *Path().iterdir *Path().glob *Path().rglob *Path().unlink
        *Path().download_to *Path().upload_from *Path().copy *Path().stat *Path().is_file
        *Path().is_dir AnyPath().read_text AnyPath().open
    """,
    "s3transfer": "S3Transfer().* manager.TransferManager().*",
    "google.cloud": """
        **.Client **.*Client **.Client.from_service_account_json
        **.Client.from_service_account_info **.*Client.from_service_account_json
        **.*Client.from_service_account_info **.*Client.from_service_account_file
        **.Client.create_anonymous_client **.Client.create
        **.Client().* **.*Client().* **.Client.from_service_account_json().*
        **.*Client.from_service_account_json().* **.*Client.from_service_account_info().*
        **.*Client.from_service_account_file().*
        **.Client().*.result **.Client().*.to_dataframe **.Client().*.to_arrow
        **.Client().*.exists **.Client().*.reload **.Client().*.create **.Client().*.delete
        **.Client().*.update **.Client().*.patch **.Client().*.list_blobs **.Client().*.get_blob
        **.Client().*.copy_blob **.Client().*.rename_blob **.Client().*.delete_blob
        **.Client().*.delete_blobs
        **.Client().*.*.download_as_text **.Client().*.*.download_as_string
        **.Client().*.*.download_as_bytes **.Client().*.*.download_to_filename
        **.Client().*.*.download_to_file **.Client().*.*.upload_from_string
        **.Client().*.*.upload_from_filename **.Client().*.*.upload_from_file
        **.Client().*.*.exists **.Client().*.*.delete **.Client().*.*.reload **.Client().*.*.open
        **.Client().*.*.make_public **.Client().*.*.generate_signed_url
        **.Client().*.*.get **.Client().*.*.set **.Client().*.*.update **.Client().*.*.stream
        **.Client().*.*.create **.Client().*.stream **.Client().*.get **.Client().*.add
        **.*Client().*.result
        storage.Blob.from_string().** storage.transfer_manager.** storage.Bucket().*
        storage.Blob().* bigquery.dbapi.connect bigquery.magics.**
        firestore.Client().collection().**.get firestore.Client().collection().**.stream
        datastore.Client().query().fetch
        logging.Client().setup_logging logging.Client().logger().*
        error_reporting.Client().*
        aiplatform.init aiplatform.Model aiplatform.Model.* aiplatform.Model().*
        aiplatform.Endpoint aiplatform.Endpoint.* aiplatform.Endpoint().* aiplatform.PipelineJob().*
        aiplatform.*Job().run aiplatform.*Job().submit aiplatform.*Dataset.create
        aiplatform.start_run aiplatform.log_metrics aiplatform.log_params
        aiplatform.Experiment.* aiplatform.Featurestore aiplatform.Featurestore.*
        sql.connector.Connector sql.connector.Connector().connect
        !**.*_path !**.dataset !**.*Client().bucket !**.*Client().document !**.*Client().collection
        !**.Client().bucket !**.Client().collection !**.Client().document !**.Client().key
        !**.Client().entity !**.Client().batch !**.Client().job_from_resource !**.Client().close
        !**.*Client().close !storage.Bucket().blob !storage.Client().batch
        !bigquery.Client().schema_from_json !pubsub_v1.*Client().api.**
    """,
    "google.ads": """
        googleads.client.GoogleAdsClient.load_from_storage
        googleads.client.GoogleAdsClient.load_from_env
        googleads.client.GoogleAdsClient.load_from_dict
        googleads.client.GoogleAdsClient.** googleads.client.GoogleAdsClient().**
        !**.get_type !**.enums.**
    """,
    "google.analytics": "**.*Client **.*Client().* **.*Client.* !**.*_path",
    "google.appengine": "api.**",
    "vertexai": """
        init preview.init **.GenerativeModel().generate_content
        **.TextGenerationModel.from_pretrained **.TextEmbeddingModel.from_pretrained
    """,
    "pandas_gbq": "read_gbq to_gbq gbq.read_gbq gbq.to_gbq",
    "pydata_google_auth": "default get_user_credentials",
    "gcloud": "**.Client **.Client().*",
    "gcloud_aio": "**.*().*",
    "firebase_admin": """
        initialize_app firestore.client firestore.client().** db.reference().get
        db.reference().set db.reference().push storage.bucket messaging.send auth.*
        !firestore.client().collection !firestore.client().document
    """,
    "pyrebase": "initialize_app().** !**.*().**.*().** !**.*().**.*()[].**",
    "azure": """
        **.*Client **.*Client.from_connection_string **.*Client.from_blob_url
        **.*Client.from_container_url **.*Client.from_queue_url **.*Client.from_table_url
        **.*Client().* **.*Client.from_connection_string().* **.*Client().*().*
        **.*Client.from_connection_string().*().*
        **.*Service().* **.BlockBlobService **.BlobService **.*Credential().get_token
        **.Workspace.from_config **.Workspace.get **.Workspace **.Run.get_context
        **.Experiment().submit **.Model.register **.Dataset.get_by_name **.Environment.get
        datalake.store.core.AzureDLFileSystem datalake.store.core.AzureDLFileSystem().*
        datalake.store.lib.auth
        !**.get_blob_client !**.get_container_client !**.get_file_client !**.get_directory_client
        !**.get_file_system_client !**.get_queue_client !**.get_table_client !**.get_share_client
        !**.get_database_client !**.close !**.from_blob_url().url
    """,
    "azureml": """
        core.Workspace core.Workspace.from_config core.Workspace.get core.**.Workspace.from_config
        core.Run.get_context core.Experiment().submit core.Experiment().start_logging
        core.Model.register core.Model.get_model_path core.Dataset.get_by_name
        core.Datastore.get core.Webservice.* fsspec.AzureMachineLearningFileSystem
    """,
    "msrestazure": "**.get_token azure_active_directory.ServicePrincipalCredentials",
    "msgraph": "GraphServiceClient().** !**.*().**.*().** !**.*().**.*()[].**",
    "msgraphcore": "GraphClient().*",
    "oci": """
        config.from_file **.*Client **.*Client().* auth.signers.* pagination.*
        !config.validate_config
    """,
    "ibm_boto3": "client resource client().* resource().**",
    "ibm_watson": "*V1().* *V2().* *V3().*",
    "ibm_watson_machine_learning": "APIClient APIClient().** !**.*().**.*().** !**.*().**.*()[].**",
    "ibm_watsonx_ai": "APIClient APIClient().** !**.*().**.*().** !**.*().**.*()[].**",
    "oss2": "Bucket().* Service().* *Iterator StsAuth().** !**.*().**.*().** !**.*().**.*()[].**",
    "aliyunsdkcore": "client.AcsClient().do_action_with_exception client.AcsClient().do_action",
    "alibabacloud_ecs20140526": "client.Client().*",
    "odps": "ODPS ODPS().**",
    "qcloud_cos": "CosS3Client CosS3Client().*",
    "tencentcloud": "**.*Client().*",
    "yandexcloud": "SDK().client().* SDK().create_operation_and_get_result",
    "b2sdk": "v1.B2Api().* v2.B2Api().*",
    "minio": "Minio Minio().* MinioAdmin().* api.Minio api.Minio().* !Minio().get_object().**",
    "digitalocean": "Manager().* Droplet().*",
    "openstack": """
        connect connect().** connection.Connection connection.Connection().**
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "novaclient": "client.Client().** !**.*().**.*().** !**.*().**.*()[].**",
    "libcloud": "**.get_driver()().* **.get_driver()()",
    "databricks": """
        sdk.WorkspaceClient sdk.AccountClient sdk.WorkspaceClient().** sdk.AccountClient().**
        sdk.runtime.** vector_search.client.VectorSearchClient
        vector_search.client.VectorSearchClient().** feature_store.FeatureStoreClient
        feature_store.FeatureStoreClient().* feature_engineering.FeatureEngineeringClient
        feature_engineering.FeatureEngineeringClient().* automl.*
        !sdk.WorkspaceClient().config.**
        !**.*().**.*().** !**.*().**.*()[].**
    """,
    "databricks_cli": "**.ApiClient **.*Api().* **.*Service().*",
    "databricks_api": "DatabricksAPI DatabricksAPI().** !**.*().**.*().** !**.*().**.*()[].**",
    "deltalake": """
        DeltaTable DeltaTable().to_pandas DeltaTable().to_pyarrow_table DeltaTable().vacuum
        DeltaTable().merge().execute DeltaTable().delete DeltaTable().update write_deltalake
        DeltaTable.create DeltaTable.for_path DeltaTable.is_deltatable
    """,
    "pyiceberg": """
        catalog.load_catalog catalog.load_catalog().* catalog.load_catalog().load_table().*
        **.RestCatalog **.GlueCatalog **.SqlCatalog **.HiveCatalog **.RestCatalog().*
        **.GlueCatalog().* **.SqlCatalog().* **.HiveCatalog().*
    """,
    "delta_sharing": "load_as_pandas load_as_spark SharingClient().*",
    "redshift_connector": "connect connect().* connect().cursor().*",
    "stepfunctions": "**.Workflow().create **.Workflow().execute",
    "aws_lambda_powertools": "utilities.parameters.get_parameter utilities.parameters.get_secret",
}
