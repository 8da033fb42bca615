"""Calls whose value differs from import to import (DP111)."""

from typing import Final

CALLS: Final[dict[str, str]] = {
    "datetime": "datetime.now datetime.today datetime.utcnow date.today",
    "time": "time time_ns localtime gmtime strftime ctime asctime",
    "pendulum": """
        now today yesterday tomorrow utcnow DateTime.now DateTime.today DateTime.utcnow
        DateTime.yesterday DateTime.tomorrow Date.today Pendulum.now Pendulum.today Pendulum.utcnow
        Pendulum.yesterday Pendulum.tomorrow datetime.DateTime.now
    """,
    "arrow": "now utcnow Arrow.now Arrow.utcnow api.now api.utcnow",
    "dateutil": "utils.today",
    "maya": "now when",
    "delorean": "Delorean now utcnow",
    "whenever": "Instant.now ZonedDateTime.now SystemDateTime.now Date.today_in_system_tz",
    "pandas": "Timestamp.now Timestamp.today Timestamp.utcnow Period.now",
    "django": """
        utils.timezone.now utils.timezone.localtime utils.timezone.localdate
        utils.crypto.get_random_string
    """,
    "airflow": """
        **.days_ago **.timezone.utcnow
        macros.random macros.uuid.uuid1 macros.uuid.uuid4 macros.time.time
        macros.datetime.now macros.datetime.utcnow macros.datetime.today
        **.get_hostname **.get_host_ip_address **.getfqdn **.get_random_string
        **.generate_random_string utils.strings.get_random_string
    """,
    "uuid": "uuid1 uuid4 uuid6 uuid7",
    "uuid6": "uuid1 uuid6 uuid7 uuid8",
    "uuid_utils": "uuid1 uuid4 uuid6 uuid7",
    "uuid7": "*",
    "shortuuid": "uuid random ShortUUID().random ShortUUID().uuid",
    "ulid": "new ULID",
    "nanoid": "generate",
    "random": """
        random uniform triangular randint randrange randbytes getrandbits choice choices sample
        shuffle betavariate expovariate gammavariate gauss lognormvariate normalvariate
        vonmisesvariate paretovariate weibullvariate binomialvariate
        SystemRandom().* !SystemRandom().seed
    """,
    "numpy": """
        random.rand random.randn random.randint random.random random.random_sample random.ranf
        random.sample random.choice random.bytes random.shuffle random.permutation
        random.random_integers random.uniform random.normal random.standard_normal random.beta
        random.binomial random.chisquare random.dirichlet random.exponential random.f random.gamma
        random.geometric random.gumbel random.hypergeometric random.laplace random.logistic
        random.lognormal random.logseries random.multinomial random.multivariate_normal
        random.negative_binomial random.noncentral_chisquare random.noncentral_f random.pareto
        random.poisson random.power random.rayleigh random.standard_cauchy
        random.standard_exponential random.standard_gamma random.standard_t random.triangular
        random.vonmises random.wald random.weibull random.zipf
    """,
    "torch": "rand randn randint randperm normal rand_like randn_like bernoulli multinomial",
    "tensorflow": "random.uniform random.normal random.shuffle random.truncated_normal",
    "scipy": "stats.*.rvs",
    "secrets": "token_bytes token_hex token_urlsafe choice randbelow randbits SystemRandom().*",
    "os": "urandom getrandom getpid getppid times getloadavg",
    "psutil": """
        cpu_percent cpu_times virtual_memory swap_memory disk_usage net_io_counters boot_time pids
        process_iter net_connections
    """,
    "threading": "get_ident get_native_id",
    "socket": "gethostname getfqdn",
    "platform": "node",
    "faker": """
        Faker().* Factory.create().* factory.Factory.create().* !Faker().add_provider
        !Faker().seed_instance
    """,
    "mimesis": "*().*",
    "essential_generators": "DocumentGenerator().*",
    "coolname": "generate generate_slug",
    "haikunator": "Haikunator().haikunate",
    "namesgenerator": "get_random_name",
    "randomname": "get_name generate",
    "bson": "ObjectId objectid.ObjectId",
    "cryptography": "fernet.Fernet.generate_key",
}
