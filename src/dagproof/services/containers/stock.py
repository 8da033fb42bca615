"""Which images containers are started from: named ones, pulled where they are missing, or ours."""

from typing import Any, Final

from dagproof.model import Containers, Progress
from dagproof.services.containers.build import build
from dagproof.services.containers.complaints import complaint
from dagproof.services.containers.recipes import POSTGRES_MAJOR, image_names

POSTGRES: Final = f"postgres:{POSTGRES_MAJOR}-alpine"
"""The official image, where none was built without a registry."""


class Stock:
    """The images of one plan.

    Args:
        images: of the daemon, as docker's SDK has them.
        plan: what was asked for.
    """

    def __init__(self, images: Any, plan: Containers) -> None:
        self._images = images
        self._named = {
            "postgres": plan.postgres_image,
            "mlflow": plan.mlflow_image,
            "s3": plan.s3_image,
        }
        self._there: dict[str, str] = {}

    def ensure(self, service: str, progress: Progress) -> str:
        """Return the name of a service's image, which is there when this returns.

        Raises:
            UnavailableError: it can be neither pulled nor built.
        """
        if service not in self._there:
            self._there[service] = self._found(service, progress)
        return self._there[service]

    def _found(self, service: str, progress: Progress) -> str:
        if named := self._named[service]:
            return self._pulled(service, named, progress)
        ours: str = getattr(image_names(), service)
        if self._has(ours):
            return ours
        if service == "postgres":
            return self._pulled(service, POSTGRES, progress)
        build(image_names(), base=None, progress=progress)
        return ours

    def _pulled(self, service: str, name: str, progress: Progress) -> str:
        if not self._has(name):
            progress(f"Pulling the image `{name}`")
            try:
                self._images.pull(name)
            except Exception as error:
                raise complaint(error, service, name, 0) from error
        return name

    def _has(self, name: str) -> bool:
        from docker.errors import ImageNotFound

        try:
            self._images.get(name)
        except ImageNotFound:
            return False
        return True
