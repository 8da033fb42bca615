"""Takes out of a virtual environment what a server never reads, and compiles the rest."""  # noqa: INP001  a build copies it

import compileall
import py_compile
import shutil
import sysconfig
from pathlib import Path

_BOTOCORE_SERVICES = {"iam", "s3", "sso", "sso-oidc", "sts"}
_FOLDERS = ("pip", "pip-*.dist-info", "**/tests", "numpy/**/include")
_FILES = ("**/*.pyi", "**/*.pxd", "**/*.pyx", "**/*.a", "**/*.js.map")


def main() -> None:
    """Trim the environment that this runs in."""
    packages = Path(sysconfig.get_path("purelib"))
    doomed = {path for pattern in (*_FOLDERS, *_FILES) for path in packages.glob(pattern)}
    services = packages / "botocore" / "data"
    doomed |= {path for path in services.glob("*/") if path.name not in _BOTOCORE_SERVICES}
    for path in doomed:
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)
    compileall.compile_dir(
        packages,
        quiet=2,
        workers=0,
        invalidation_mode=py_compile.PycInvalidationMode.UNCHECKED_HASH,
    )


if __name__ == "__main__":
    main()
