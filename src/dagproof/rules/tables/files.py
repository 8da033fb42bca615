"""Calls that read (DP106) or write (DP105) files; looking whether one is there is neither."""

from typing import Final

READS: Final[dict[str, str]] = {
    "networkx": "read_gpickle read_gml read_graphml read_edgelist",
    "os": "listdir listdirb scandir walk fwalk readlink read pread",
    "glob": "glob iglob glob0 glob1",
    "glob2": "glob iglob",
    "pathlib": "**.read_text **.read_bytes **.iterdir **.glob **.rglob **.walk **.readlink",
    "upath": "**.read_text **.read_bytes **.iterdir **.glob **.rglob **.walk",
    "fileinput": "input FileInput",
    "linecache": "getline getlines",
    "tokenize": "open",
    "filecmp": "cmp cmpfiles dircmp",
    "mmap": "mmap",
    "runpy": "run_path",
    "importlib": """
        resources.read_text resources.read_binary resources.open_text resources.open_binary
        resources.contents resources.files().**.read_text resources.files().**.read_bytes
        resources.files().**.open resources.files().**.iterdir
        resources.path().__enter__().read_text
    """,
    "importlib_resources": """
        read_text read_binary open_text open_binary files().**.read_text files().**.read_bytes
        files().**.open files().**.iterdir
    """,
    "pkgutil": "get_data",
    "pkg_resources": "resource_string resource_stream resource_filename resource_listdir",
    "configparser": "ConfigParser().read RawConfigParser().read SafeConfigParser().read",
    "ConfigParser": "ConfigParser().read RawConfigParser().read SafeConfigParser().read",
    "logging": "config.fileConfig",
    "builtins": "execfile file",
    "dotenv": "load_dotenv dotenv_values get_key main.load_dotenv main.dotenv_values",
    "environ": "Env.read_env Env().read_env",
    "environs": "Env().read_env Env.read_env env.read_env",
    "dynaconf": "Dynaconf LazySettings().load_file",
    "omegaconf": "OmegaConf.load",
    "hydra": "compose initialize_config_dir",
    "anyconfig": "load loads",
    "confuse": "Configuration",
    "pyhocon": "ConfigFactory.parse_file",
    "toml": "load",
    "xml": "etree.ElementTree.parse dom.minidom.parse etree.cElementTree.parse sax.parse",
    "lxml": "etree.parse html.parse objectify.parse",
    "jsonlines": "open",
    "jinja2": """
        Environment().get_template Environment().select_template Environment().list_templates
        sandbox.SandboxedEnvironment().get_template loaders.FileSystemLoader().get_source
    """,
    "mako": "template.Template lookup.TemplateLookup().get_template",
    "openpyxl": "load_workbook reader.excel.load_workbook",
    "xlrd": "open_workbook",
    "xlwings": "Book App",
    "pyexcel": "get_array get_records get_sheet get_book iget_records",
    "docx": "Document",
    "pptx": "Presentation",
    "PyPDF2": "PdfReader PdfFileReader",
    "pypdf": "PdfReader",
    "pdfplumber": "open",
    "fitz": "open",
    "dbfread": "DBF",
    "pyreadstat": "read_sav read_sas7bdat read_dta read_xport",
    "pandas": """
        read_csv read_excel read_json read_parquet read_feather read_hdf read_orc read_table
        read_fwf read_html read_pickle read_xml read_sas read_spss read_stata ExcelFile
        ExcelFile().parse
        io.parsers.read_csv io.json.read_json read_csv().get_chunk
    """,
    "modin": """
        pandas.read_csv pandas.read_excel pandas.read_json pandas.read_parquet pandas.read_table
        pandas.read_feather
    """,
    "cudf": "read_csv read_parquet read_json read_orc",
    "numpy": "load loadtxt genfromtxt fromfile memmap recfromcsv recfromtxt lib.npyio.load",
    "scipy": "io.loadmat io.wavfile.read io.mmread sparse.load_npz io.netcdf_file io.readsav",
    "polars": """
        read_csv read_csv_batched read_parquet read_json read_ndjson read_excel read_ods read_ipc
        read_ipc_stream read_avro read_delta read_parquet_schema read_ipc_schema
        scan_csv scan_parquet scan_ndjson scan_ipc scan_delta scan_iceberg scan_pyarrow_dataset
    """,
    "pyarrow": """
        parquet.read_table parquet.read_schema parquet.read_metadata parquet.read_pandas
        parquet.ParquetFile parquet.ParquetDataset parquet.ParquetFile().* feather.read_feather
        feather.read_table csv.read_csv csv.open_csv json.read_json orc.read_table orc.ORCFile
        dataset.dataset dataset.dataset().* ipc.open_file memory_map
        fs.LocalFileSystem().open_input_file fs.LocalFileSystem().open_input_stream
        fs.LocalFileSystem().get_file_info
        !parquet.ParquetFile().close
    """,
    "fastparquet": "ParquetFile ParquetFile().to_pandas",
    "fastavro": "schema.load_schema",
    "avro": "datafile.DataFileReader",
    "dask": """
        dataframe.read_csv dataframe.read_parquet dataframe.read_json dataframe.read_table
        dataframe.read_hdf dataframe.read_orc bag.read_text array.from_npy_stack array.from_zarr
    """,
    "vaex": "open from_csv open_many",
    "datatable": "fread",
    "petl": "fromcsv fromjson fromxlsx fromtsv",
    "geopandas": "read_file read_parquet read_feather GeoDataFrame.from_file list_layers",
    "fiona": "listlayers collection",
    "shapefile": "Reader",
    "pyogrio": "read_dataframe read_info list_layers",
    "osgeo": "gdal.Open ogr.Open gdal.OpenEx",
    "xarray": "open_dataset open_mfdataset open_dataarray open_zarr load_dataset load_dataarray",
    "zarr": "open_array open_group load open_consolidated",
    "cv2": "imread VideoCapture imreadmulti CascadeClassifier",
    "PIL": "Image.open ImageFont.truetype",
    "imageio": "imread mimread get_reader v2.imread v3.imread volread",
    "skimage": "io.imread io.imread_collection io.ImageCollection",
    "matplotlib": "pyplot.imread image.imread",
    "tifffile": "imread TiffFile",
    "pydicom": "dcmread read_file",
    "nibabel": "load",
    "SimpleITK": "ReadImage",
    "librosa": "load core.load",
    "soundfile": "read info",
    "torchaudio": "load info",
    "tensorflow": """
        io.read_file io.gfile.listdir io.gfile.glob io.gfile.walk
        keras.utils.image_dataset_from_directory keras.preprocessing.image.load_img
        keras.preprocessing.image_dataset_from_directory
        keras.preprocessing.text_dataset_from_directory data.TFRecordDataset data.TextLineDataset
        keras.utils.text_dataset_from_directory keras.utils.load_img
    """,
    "datasets": "load_from_disk Dataset.load_from_disk DatasetDict.load_from_disk Dataset.from_csv",
    "sklearn": "**.load_files **.load_svmlight_file",
    "Bio": "SeqIO.parse SeqIO.read AlignIO.read",
    "rdflib": "Graph().parse",
    "ebooklib": "epub.read_epub",
    "gzip": "read",
    "rarfile": "RarFile RarFile().*",
    "patoolib": "list_archive",
    "dagfactory": """
        load_yaml_dags DagFactory dagfactory.DagFactory DagFactory().generate_dags
        dagfactory.DagFactory().generate_dags
    """,
    "gusty": "create_dag create_dags",
    "cosmos": """
        DbtDag DbtTaskGroup airflow.dag.DbtDag airflow.task_group.DbtTaskGroup dbt.**.DbtProject
    """,
    "great_expectations": """
        get_context data_context.DataContext data_context.FileDataContext DataContext
        data_context.get_context read_csv
    """,
    "papermill": "inspect_notebook",
    "nbformat": "read",
    "oauth2client": "**.from_json_keyfile_name client.flow_from_clientsecrets file.Storage().get",
    "google.oauth2": "**.from_service_account_file **.from_authorized_user_file",
    "google_auth_oauthlib": "**.from_client_secrets_file",
    "google.auth": "load_credentials_from_file",
    "skops.io": "get_untrusted_types",
    "paramiko": "*Key.from_private_key_file",
    "jupytext": "read",
    "face_recognition": "load_image_file",
}

WRITES: Final[dict[str, str]] = {
    "os": """
        open mkdir makedirs mkfifo mknod remove unlink removedirs rmdir rename renames replace
        symlink link chmod chown lchmod lchown lchflags fchmod fchown truncate ftruncate utime
        setxattr removexattr write pwrite copy_file_range sendfile fsync tmpfile
    """,
    "shutil": """
        copy copy2 copyfile copyfileobj copymode copystat copytree move rmtree chown make_archive
        unpack_archive
    """,
    "pathlib": """
        **.write_text **.write_bytes **.mkdir **.touch **.unlink **.rmdir **.rename **.replace
        **.symlink_to **.hardlink_to **.link_to **.chmod **.lchmod **.copy **.copy_into **.move
        **.move_into
        !**.name.replace !**.stem.replace !**.suffix.replace !**.as_posix().replace
        !**.resolve().name.replace !**.read_text().replace !**.absolute().name.replace
        !**.parts[].replace !**.name[].replace !**.stem[].replace !**.as_uri().replace
    """,
    "upath": "**.write_text **.write_bytes **.mkdir **.touch **.unlink **.rmdir **.rename",
    "distutils": """
        dir_util.copy_tree dir_util.mkpath dir_util.remove_tree dir_util.create_tree
        file_util.copy_file file_util.move_file file_util.write_file
    """,
    "send2trash": "send2trash",
    "tempfile": "mkdtemp mkstemp TemporaryDirectory NamedTemporaryFile TemporaryFile",
    "zipfile": "ZipFile().extractall ZipFile().extract ZipFile().write main",
    "tarfile": "open().extractall open().extract open().add TarFile().extractall TarFile().extract",
    "py7zr": "SevenZipFile().extractall unpack_7zarchive pack_7zarchive",
    "rarfile": "RarFile().extractall RarFile().extract",
    "patoolib": "extract_archive create_archive",
    "logging": """
        FileHandler handlers.RotatingFileHandler handlers.TimedRotatingFileHandler
        handlers.WatchedFileHandler handlers.BaseRotatingHandler
    """,
    "shelve": "open DbfilenameShelf",
    "filelock": "FileLock().acquire FileLock().__enter__ SoftFileLock().acquire",
    "fcntl": "flock lockf",
    "portalocker": "Lock lock",
    "configparser": "ConfigParser().write RawConfigParser().write",
    "pickle": "dump Pickler().dump",
    "cPickle": "dump",
    "dill": "dump dump_session dump_module",
    "cloudpickle": "dump",
    "joblib": "dump Memory().clear",
    "skops": "io.dump",
    "omegaconf": "OmegaConf.save",
    "numpy": "save savez savez_compressed savetxt",
    "scipy": "io.savemat io.wavfile.write io.mmwrite sparse.save_npz",
    "pandas": """
        ExcelWriter HDFStore to_pickle **.to_csv **.to_parquet **.to_excel **.to_pickle
        **.to_feather **.to_hdf **.to_orc **.to_stata
    """,
    "polars": """
        **.write_csv **.write_parquet **.write_json **.write_ndjson **.write_excel **.write_ipc
        **.write_avro **.write_delta **.sink_parquet **.sink_csv **.sink_ipc **.sink_ndjson
    """,
    "pyarrow": """
        parquet.write_table parquet.write_to_dataset parquet.write_metadata parquet.ParquetWriter
        parquet.ParquetWriter().* feather.write_feather csv.write_csv csv.CSVWriter orc.write_table
        dataset.write_dataset ipc.new_file
        fs.LocalFileSystem().open_output_stream fs.LocalFileSystem().create_dir
        fs.LocalFileSystem().delete_file fs.LocalFileSystem().delete_dir
    """,
    "fastparquet": "write",
    "dask": "**.to_csv **.to_parquet **.to_json **.to_hdf **.to_zarr",
    "petl": "tocsv tojson toxlsx totsv topickle",
    "geopandas": "**.to_file **.to_parquet",
    "pyogrio": "write_dataframe write_arrow",
    "shapefile": "Writer",
    "xlsxwriter": "Workbook Workbook().close workbook.Workbook",
    "openpyxl": "Workbook().save load_workbook().save",
    "xlwt": "Workbook().save",
    "docx": "Document().save",
    "pptx": "Presentation().save",
    "fpdf": "FPDF().output",
    "reportlab": "pdfgen.canvas.Canvas().save",
    "matplotlib": """
        pyplot.savefig pyplot.imsave pyplot.figure().savefig pyplot.subplots()[].savefig
    """,
    "seaborn": "**.savefig",
    "plotly": """
        **.write_html **.write_image **.write_json io.write_html io.write_image offline.plot
    """,
    "bokeh": "plotting.output_file plotting.save io.save io.output_file io.export_png",
    "PIL": "Image.open().save Image.new().save Image.fromarray().save",
    "cv2": "imwrite VideoWriter",
    "imageio": "imwrite imsave mimwrite mimsave v2.imwrite v3.imwrite",
    "skimage": "io.imsave",
    "soundfile": "write",
    "torch": "save jit.save onnx.export",
    "torchvision": "utils.save_image",
    "safetensors": "**.save_file **.save_model",
    "tensorflow": """
        io.write_file io.gfile.makedirs io.gfile.rmtree io.gfile.remove io.gfile.copy
        io.gfile.rename io.gfile.mkdir saved_model.save summary.create_file_writer
        io.TFRecordWriter
    """,
    "datasets": "**.save_to_disk",
    "onnx": "save save_model",
    "graphviz": "Digraph().render Graph().render Source().render",
    "networkx": "write_gpickle write_gml write_graphml write_edgelist",
    "pyminizip": "compress",
    "pyzipper": "AESZipFile().extractall",
    "sklearn": "**.dump_svmlight_file",
    "yappi": "get_func_stats().save",
    "ydata_profiling": "ProfileReport().to_file",
    "pandas_profiling": "ProfileReport().to_file",
    "evidently": "**.save_html **.save_json",
    "dotenv": "set_key unset_key",
    "codecarbon": "EmissionsTracker().start",
    "nbformat": "write",
}

OPENERS: Final[dict[str, int]] = {
    "builtins.open": 1,
    "io.open": 1,
    "io.FileIO": 1,
    "_io.open": 1,
    "codecs.open": 1,
    "gzip.open": 1,
    "gzip.GzipFile": 1,
    "bz2.open": 1,
    "bz2.BZ2File": 1,
    "lzma.open": 1,
    "lzma.LZMAFile": 1,
    "zstandard.open": 1,
    "lz4.frame.open": 1,
    "fsspec.open": 1,
    "fsspec.open_files": 1,
    "fsspec.filesystem().open": 1,
    "smart_open.open": 1,
    "smart_open.smart_open": 1,
    "aiofiles.open": 1,
    "anyio.open_file": 1,
    "xopen.xopen": 1,
    "upath.UPath().open": 0,
    "tarfile.open": 1,
    "tarfile.TarFile": 1,
    "tarfile.TarFile.open": 1,
    "zipfile.ZipFile": 1,
    "zipfile.PyZipFile": 1,
    "py7zr.SevenZipFile": 1,
    "pyzipper.AESZipFile": 1,
    "dbm.open": 1,
    "wave.open": 1,
    "h5py.File": 1,
    "netCDF4.Dataset": 1,
    "tables.open_file": 1,
    "zarr.open": 1,
    "rasterio.open": 1,
    "fiona.open": 1,
    "laspy.open": 1,
    "tensorflow.io.gfile.GFile": 1,
    "tensorflow.gfile.GFile": 1,
    "six.moves.builtins.open": 1,
}
"""Full names of calls that read or write as their argument `mode` says: where that argument is."""
