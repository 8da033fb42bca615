"""What calls of well-known libraries give back, and which of it XCom cannot carry.

A thing has a dotted name as in `dagproof.source.values`: `pandas.read_csv()` is what the call
gives. Names that mean the same are brought to one: here `pandas.DataFrame()`. What XCom refuses
was tried with `airflow.sdk.serde` of Airflow 3.3.
"""

import ast
import re
from functools import cache
from typing import Final

_LONGEST: Final = 120

_FRAME: Final = "pandas.DataFrame()"
_SERIES: Final = "pandas.Series()"
_ARRAY: Final = "numpy.ndarray()"
_SPARSE: Final = "scipy.sparse.spmatrix()"
_BYTES: Final = "builtins.bytes()"
_PATH: Final = "pathlib.Path()"

_SPARSE_MAKERS: Final = (
    "DictVectorizer|TfidfVectorizer|CountVectorizer|HashingVectorizer|FeatureHasher|"
    "TfidfTransformer|OneHotEncoder"
)
_DENSE_MAKERS: Final = (
    "StandardScaler|MinMaxScaler|RobustScaler|MaxAbsScaler|Normalizer|PCA|SimpleImputer|"
    "OrdinalEncoder|LabelEncoder|LabelBinarizer|PowerTransformer|QuantileTransformer|"
    "PolynomialFeatures|KBinsDiscretizer|TruncatedSVD|NMF|TSNE|KNNImputer"
)

_RULES: Final = tuple(
    (re.compile(pattern), result)
    for pattern, result in (
        # pandas
        ((r"pandas\.(read_(csv|parquet|sql|sql_query|sql_table|feather|orc|table|fwf)"
         r"|json_normalize|merge|get_dummies|melt|pivot_table|crosstab"
         r"|DataFrame\.from_(dict|records))\(\)"), _FRAME),
        ((r"pandas\.DataFrame\(\)\.(dropna|fillna|head|tail|copy|reset_index|rename|drop"
         r"|sort_values|sort_index|merge|assign|astype|replace|query|drop_duplicates|sample"
         r"|set_index|join|isnull|isna|notna|notnull|describe|corr)\(\)"), _FRAME),
        (r"pandas\.DataFrame\(\)\[list\]", _FRAME),
        (r"pandas\.DataFrame\(\)\[text\]", _SERIES),
        (r"pandas\.DataFrame\(\)\.(sum|mean|min|max|std|var|median|count|nunique)\(\)", _SERIES),
        (r"pandas\.DataFrame\(\)\.dtypes", _SERIES),
        (r"pandas\.DataFrame\(\)\.(columns|index)", "pandas.Index()"),
        (r"pandas\.(DataFrame|Series)\(\)\.(values|to_numpy\(\))", _ARRAY),
        (r"pandas\.Series\(\)\.unique\(\)", _ARRAY),
        ((r"pandas\.Series\(\)\.(astype|fillna|dropna|head|tail|sort_values|value_counts|map"
         r"|copy|rename|round|clip)\(\)"), _SERIES),
        (r"pandas\.Timestamp\.(now|today|utcnow|fromtimestamp)\(\)", "pandas.Timestamp()"),
        (r"pandas\.(date_range|bdate_range|period_range)\(\)", "pandas.Index()"),
        # numpy
        ((r"numpy\.(array|asarray|zeros|ones|empty|full|arange|linspace|eye|identity|concatenate"
         r"|vstack|hstack|stack|column_stack|zeros_like|ones_like|full_like|empty_like|load"
         r"|loadtxt|genfromtxt|unique|reshape|ravel|transpose|fromfile|frombuffer|argsort|sort"
         r"|random\.permutation)\(\)"), _ARRAY),
        (r"numpy\.ndarray\(\)\.((reshape|astype|copy|flatten|ravel|transpose)\(\)|T)", _ARRAY),
        (r"numpy\.(nan|NaN|NAN)", "numpy.nan"),
        (r"numpy\.(inf|Inf|PINF|NINF|infty)", "numpy.inf"),
        # scipy, scikit-learn
        ((r"scipy\.sparse\.((csr|csc|coo|lil|dok|bsr|dia)_(matrix|array)|hstack|vstack|eye"
         r"|identity|random|load_npz|block_diag|diags)\(\)"), _SPARSE),
        (r"scipy\.sparse\.spmatrix\(\)\.(tocsr|tocsc|tocoo|tolil|copy|transpose)\(\)", _SPARSE),
        (r"scipy\.sparse\.spmatrix\(\)\.(toarray|todense)\(\)", _ARRAY),
        (rf"sklearn\..*\.({_SPARSE_MAKERS})\(\)\.(fit_)?transform\(\)", _SPARSE),
        (rf"sklearn\..*\.({_DENSE_MAKERS})\(\)\.(fit_)?transform\(\)", _ARRAY),
        (r"sklearn\..*\.[A-Z]\w*\(\)\.(predict|predict_proba|fit_predict)\(\)", _ARRAY),
        (r"sklearn\..*\.[A-Z]\w*\(\)\.(coef_|feature_importances_)", _ARRAY),
        (r"sklearn\.(metrics\.confusion_matrix|model_selection\.cross_val_(score|predict))\(\)",
         _ARRAY),
        (r"sklearn\.datasets\.load_(iris|wine|digits|breast_cancer|diabetes)\(\)\.(data|target)",
         _ARRAY),
        # Python's own
        (r"(json|simplejson)\.dumps\(\)\.encode\(\)", _BYTES),
        (r"(pickle|cloudpickle|dill|marshal)\.dumps\(\)", _BYTES),
        (r"(zlib|gzip|bz2|lzma)\.compress\(\)|os\.urandom\(\)|struct\.pack\(\)", _BYTES),
        (r"base64\.\w*encode\(\)|hashlib\.\w+\(\)\.digest\(\)", _BYTES),
        (r"requests\.(get|post|put|patch|delete|request)\(\)\.content", _BYTES),
        (r"urllib\.request\.urlopen\(\)\.read\(\)", _BYTES),
        (r"builtins\.open\(b\)\.read\(\)|io\.BytesIO\(\)\.(getvalue|read)\(\)", _BYTES),
        (r"pathlib\.(Path|PurePath|PosixPath)\(\)|pathlib\.Path\.(cwd|home)\(\)", _PATH),
        ((r"pathlib\.Path\(\)\.(parent|(resolve|absolute|with_suffix|with_name|joinpath"
         r"|expanduser)\(\))"), _PATH),
        (r"pathlib\.Path\(\)\.read_bytes\(\)", _BYTES),
        (r"pathlib\.Path\(\)\.(glob|rglob|iterdir)\(\)", "#generator"),
        (r"datetime\.datetime\.(now|utcnow|today)\(\)\.time\(\)", "datetime.time()"),
        ((r"time\.(time|monotonic|perf_counter)\(\)|builtins\.(len|int|float|round|abs|sum|ord)"
         r"\(\)"), "#number"),
    )
)  # fmt: skip

_KEPT: Final = re.compile(r"(sklearn\..*\.[A-Z]\w*\(\))\.(fit|partial_fit|set_params)\(\)")

_REFUSED: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (r"numpy\.ndarray\(\)", "a NumPy array"),
        (r"numpy\.datetime64\(\)", "a NumPy datetime64"),
        (r"scipy\.sparse\.spmatrix\(\)", "a sparse matrix"),
        (r"pandas\.Series\(\)", "a pandas Series"),
        (r"pandas\.Index\(\)", "a pandas Index"),
        (r"pandas\.(Timestamp|Timedelta|Categorical|Period|Interval)\(\)", "a pandas {1}"),
        (r"pandas\.to_datetime\(\)", "a pandas Timestamp, Series or Index"),
        (r"pandas\.(NaT|NA)", "the `{1}` of pandas"),
        (r"sklearn\.datasets\.(load|fetch)_\w+\(\)", "a scikit-learn Bunch"),
        (r"sklearn\..*\.([A-Z]\w*)\(\)", "a `{1}` of scikit-learn"),
        (r"xgboost\.(XGB\w+|DMatrix|Booster)\(\)", "a `{1}` of XGBoost"),
        (r"lightgbm\.(LGBM\w+|Dataset|Booster)\(\)", "a `{1}` of LightGBM"),
        (r"catboost\.(CatBoost\w*|Pool)\(\)", "a `{1}` of CatBoost"),
        (r"polars\.(DataFrame|LazyFrame|Series)\(\)|polars\.(read|scan)_\w+\(\)",
         "a polars object"),
        (r"builtins\.(bytes|bytearray|memoryview)\(\)", "{1}"),
        (r"builtins\.(range|map|filter|zip|enumerate|reversed|iter|complex)\(\)", "a `{1}`"),
        (r"builtins\.open\(b?\)", "an open file"),
        (r"builtins\.dict\(\)\.(keys|values|items)\(\)", "a view (`.{1}()`) of a dict"),
        (r"itertools\.\w+\(\)|re\.finditer\(\)", "an iterator"),
        (r"pathlib\.Path\(\)", "a `Path`"),
        (r"datetime\.time\(\)", "a `datetime.time`"),
        (r"collections\.deque\(\)", "a `deque`"),
        (r"io\.(BytesIO|StringIO)\(\)", "a `{1}`"),
        (r"re\.(compile|match|search|fullmatch)\(\)", "what `re.{1}()` gives"),
        (r"requests\.(get|post|put|patch|delete|head|request)\(\)", "a `requests.Response`"),
        (r"(requests|aiohttp)\.(Session|ClientSession)\(\)", "a `{2}`"),
        (r"urllib\.request\.urlopen\(\)", "an HTTP response"),
        (r"subprocess\.(run|Popen)\(\)", "what `subprocess.{1}()` gives"),
        ((r"(sqlite3|psycopg2|psycopg|pymysql|MySQLdb|pyodbc|mysql\.connector|snowflake\.connector"
         r"|oracledb|cx_Oracle)\.connect\(\)(\.cursor\(\))?"), "a database connection"),
        (r"sqlalchemy\.(create_engine|MetaData)\(\)", "what `sqlalchemy.{1}()` gives"),
        (r"(boto3|botocore)\.(client|resource|Session|session\.Session)\(\)", "a client of boto3"),
        ((r"(pymongo\.MongoClient|redis\.(Redis|StrictRedis|from_url)|elasticsearch\.Elasticsearch"
         r"|google\.cloud\.\w+\.Client)\(\)"), "the client `{1}`"),
        (r"airflow\..*\.(\w+Hook)\(\)", "a `{1}`"),
        (r"airflow\..*\.(\w+Hook)\(\)\.get_conn\(\)(\.cursor\(\))?",
         "the connection of a `{1}`"),
        (r"bs4\.BeautifulSoup\(\)|PIL\.Image\.open\(\)", "a parsed document"),
        (r"mlflow\.(tracking\.)?MlflowClient\(\)|mlflow\.start_run\(\)", "an object of MLflow"),
        (r"mlflow\.\w+\.load_model\(\)", "a model"),
        (r"#generator", "a generator"),
        (r"#lambda", "a lambda"),
    )
)  # fmt: skip


def result_of(name: str, node: ast.Call | None = None) -> str | None:
    """Return the one name of a thing; None if nothing is known of it.

    Args:
        name: such as `pandas.read_csv()`.
        node: the call that gives it, for the arguments that decide.
    """
    if node is not None and not _ordinary(name, node):
        return None
    if name == "builtins.open()" and node is not None:
        return "builtins.open(b)" if _binary(node) else name
    return _normal(name)


@cache
def refused(name: str) -> str | None:
    """Return in words what a thing is, if XCom refuses it."""
    for pattern, words in _REFUSED:
        found = pattern.fullmatch(name)
        if found is not None:
            groups = ["", *(group or "" for group in found.groups())]
            return words.format(*groups)
    return None


@cache
def _normal(name: str) -> str | None:
    for pattern, result in _RULES:
        if pattern.fullmatch(name):
            return result
    kept = _KEPT.fullmatch(name)
    if kept is not None:
        return kept.group(1)
    return name if len(name) < _LONGEST else None


_DECIDES: Final = frozenset(
    {"inplace", "chunksize", "iterator", "return_X_y", "as_frame", "axis", "typ", "text",
     "universal_newlines", "encoding", "squeeze", "engine_kwargs"}
)  # fmt: skip
"""Arguments that change what a call gives back."""


def _ordinary(name: str, node: ast.Call) -> bool:
    for keyword in node.keywords:
        if keyword.arg is None:
            return not name.startswith("pandas.")
        if keyword.arg in _DECIDES and not name.startswith(("builtins.open", "subprocess.run")):
            return False
    return True


def _binary(node: ast.Call) -> bool:
    modes = [*node.args[1:2], *(one.value for one in node.keywords if one.arg == "mode")]
    return any(isinstance(mode, ast.Constant) and "b" in str(mode.value) for mode in modes)
