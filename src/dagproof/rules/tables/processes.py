"""Calls that start, or end, another process (DP107)."""

from typing import Final

CALLS: Final[dict[str, str]] = {
    "subprocess": """
        run call check_call check_output getoutput getstatusoutput Popen Popen().communicate
        Popen().wait Popen().kill Popen().terminate Popen().send_signal Popen().stdout.read
        Popen().stdout.readlines Popen().stdout.readline Popen().stdin.write
    """,
    "os": """
        system popen popen2 popen3 popen4
        execl execle execlp execlpe execv execve execvp execvpe
        spawnl spawnle spawnlp spawnlpe spawnv spawnve spawnvp spawnvpe
        posix_spawn posix_spawnp fork forkpty startfile kill killpg wait waitpid wait3 wait4 waitid
    """,
    "pty": "spawn fork",
    "asyncio": """
        create_subprocess_exec create_subprocess_shell subprocess.create_subprocess_exec
        subprocess.create_subprocess_shell
    """,
    "anyio": "run_process open_process",
    "trio": "run_process",
    "gevent": "subprocess.*",
    "webbrowser": "open open_new open_new_tab",
    "venv": "create EnvBuilder().create",
    "ensurepip": "bootstrap",
    "pexpect": "spawn run runu spawnu pxssh.pxssh().login popen_spawn.PopenSpawn spawn().*",
    "ptyprocess": "PtyProcess.spawn",
    "sh": "* *.* *.*.* !Command !Command.bake !contrib.sudo !set_default_channel",
    "invoke": "run sudo Context().run Context().sudo",
    "fabric": "local",
    "plumbum": "local.cmd.*() local[]() local[].run cmd.*() local[].popen cmd.*",
    "delegator": "run chain",
    "sarge": "run capture_stdout capture_stderr capture_both get_stdout",
    "psutil": "Popen Process().kill Process().terminate Process().suspend Process().resume",
    "distutils": "spawn.spawn",
    "pip": "main _internal.main _internal.cli.main.main",
    "airflow": """
        **.SubprocessHook().run_command **.run_command_with_daemon_option
        utils.process_utils.execute_in_subprocess
        utils.process_utils.execute_in_subprocess_with_kwargs
        utils.process_utils.execute_interactive utils.process_utils.reap_process_group
        utils.process_utils.kill_child_processes_by_pids
        utils.python_virtualenv.prepare_virtualenv
    """,
    # engines that come up as processes of their own
    "pyspark": """
        **.SparkSession.builder.getOrCreate **.SparkSession.builder.**.getOrCreate
        **.SparkSession.builder.create **.SparkSession.builder.**.create
        **.SparkSession.builder.**.getOrCreate().* **.SparkSession.builder.getOrCreate().*
        **.SparkSession.builder.**.getOrCreate().read.* **.SparkSession.builder.getOrCreate().read.*
        **.SparkSession.builder.**.getOrCreate().read.**.load
        **.SparkSession.builder.**.getOrCreate().sparkContext.*
        **.SparkContext **.SparkContext.getOrCreate **.SparkContext().* **.SQLContext **.HiveContext
        **.StreamingContext **.SparkSession **.SQLContext().* **.SparkSession().*
        **.SparkContext.getOrCreate().*
        !**.stop
    """,
    "sparknlp": "start",
    "databricks": "connect.DatabricksSession.builder.**.getOrCreate",
    "awsglue": "context.GlueContext context.GlueContext().*",
    "findspark": "init",
    "pyflink": """
        datastream.StreamExecutionEnvironment.get_execution_environment
        table.StreamTableEnvironment.create table.TableEnvironment.create
        datastream.StreamExecutionEnvironment.get_execution_environment().execute
    """,
    "apache_beam": "Pipeline().run **.PipelineRunner().run_pipeline",
    "h2o": "init connect import_file upload_file init().*",
    "dask": """
        distributed.Client distributed.LocalCluster distributed.client.Client
        distributed.deploy.local.LocalCluster distributed.Client().*
    """,
    "distributed": "Client LocalCluster Client().*",
    "dask_kubernetes": "KubeCluster HelmCluster operator.KubeCluster",
    "dask_jobqueue": "*Cluster",
    "dask_cuda": "LocalCUDACluster",
    "coiled": "Cluster",
    "ray": "init get put wait shutdown remote().remote serve.* tune.run tune.Tuner().fit",
    "jpype": "startJVM",
    "jnius": "autoclass",
    "py4j": "java_gateway.JavaGateway.launch_gateway java_gateway.launch_gateway",
    "rpy2": "robjects.r robjects.r.** robjects.packages.importr",
    "oct2py": "Oct2Py",
    "matlab": "engine.start_matlab",
    "git": """
        **.Repo.clone_from **.Repo.init **.Repo.clone_from().** **.Repo().git.**
        **.Repo().remotes.**
        **.Repo().remote().* **.Repo().clone **.Repo().create_remote **.Repo().create_head
        **.Repo().index.* **.Repo().is_dirty **.Repo().iter_commits **.Repo().submodule_update
        **.Repo().commit **.Repo().archive **.Git().* cmd.Git().* **.Repo().active_branch.checkout
    """,
    "pygit2": "clone_repository",
    "dulwich": "porcelain.clone porcelain.pull porcelain.push porcelain.fetch",
    "pdfkit": "from_url from_file from_string",
    "imgkit": "from_url from_file from_string",
    "weasyprint": "HTML().write_pdf",
    "papermill": "execute_notebook execute.execute_notebook",
    "nbclient": "NotebookClient().execute execute client.NotebookClient().execute",
    "nbconvert": "preprocessors.ExecutePreprocessor().preprocess",
    "ansible_runner": "run run_async run_command",
    "testcontainers": "**.*Container().start",
    "daemon": "DaemonContext().open runner.DaemonRunner().do_action",
    "ffmpeg": "run probe run_async **.run",
    "moviepy": "**.VideoFileClip **.write_videofile",
    "pydub": "AudioSegment.from_file AudioSegment.from_mp3 AudioSegment().export",
    "pytesseract": "image_to_string image_to_data image_to_boxes image_to_osd",
    "tabula": "read_pdf convert_into read_pdf_with_template",
    "camelot": "read_pdf",
    "pdf2image": "convert_from_path convert_from_bytes",
    "uvicorn": "run Server().run",
    "gunicorn": "app.wsgiapp.run",
    "waitress": "serve",
    "flask": "Flask().run",
    "streamlit": "web.cli.main",
    "gradio": "Interface().launch Blocks().launch",
    "dash": "Dash().run Dash().run_server",
    "xvfbwrapper": "Xvfb().start",
}
