"""What Docker says, as one sentence with the way out."""

import errno

from dagproof.model import UnavailableError

FULL_DISK = (
    "The disk that holds Docker's data is full. Free some space, for example by "
    "`docker system prune`."
)
_INSTEAD = "or use `--services embedded`"


def no_docker(error: Exception) -> UnavailableError:
    """Return why there is no way to Docker."""
    said = str(error)
    if "PermissionError" in said or "Permission denied" in said:
        return UnavailableError(
            "Docker does not let you in: its socket is not yours to open. Add yourself to the "
            f"group `docker` (`sudo usermod -aG docker $USER`, then log in again), {_INSTEAD}."
        )
    if any(sign in said for sign in ("FileNotFoundError", "Connection refused", "No such file")):
        return UnavailableError(
            "Docker does not answer. Start it (`sudo systemctl start docker`, or Docker Desktop), "
            f"set `DOCKER_HOST` to where it runs, {_INSTEAD}."
        )
    return UnavailableError(
        f"Docker cannot be reached ({last_line(said)}). Look at `docker version`, {_INSTEAD}."
    )


def complaint(error: Exception, service: str, image: str, port: int) -> UnavailableError:
    """Return why Docker did not do what it was asked for.

    Args:
        error: of docker's SDK.
        service: that was to be started.
        image: that it was to be started from.
        port: on this machine that was asked for.
    """
    if isinstance(error, UnavailableError):
        return error
    said = str(error)
    if "port is already allocated" in said or "address already in use" in said:
        return UnavailableError(
            f"The port {port} for {service} is in use. Free it, or set another one, or 0 for any "
            f"that is free, as `{service}-port` under [tool.dagproof.containers]."
        )
    if "no space left on device" in said.lower() or getattr(error, "errno", 0) == errno.ENOSPC:
        return UnavailableError(FULL_DISK)
    if _is_missing(error):
        return UnavailableError(
            f"The image `{image}` for {service} is not there and cannot be pulled "
            f"({last_line(said)}). Pull it, name another one by `{service}-image` under "
            "[tool.dagproof.containers], or build images without a registry by "
            "`dagproof services images --without-registry`."
        )
    return UnavailableError(f"Docker does not start {service}: {last_line(said)}.")


def _is_missing(error: Exception) -> bool:
    said = str(error).lower()
    signs = ("no such image", "pull access denied", "manifest unknown", "not found: manifest")
    unreachable = ("/v2/", "registry", "lookup ", "i/o timeout")
    return any(sign in said for sign in (*signs, *unreachable))


def last_line(text: str) -> str:
    """Return the last line that says something, without a full stop."""
    lines = [line for line in text.strip().splitlines() if line.strip()]
    return lines[-1].strip().rstrip(".") if lines else "no reason given"
