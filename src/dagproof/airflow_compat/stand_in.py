"""An object that answers whatever is asked of it, in place of what an import must not have."""

from collections.abc import AsyncIterator, Iterator
from typing import Any, Self


class StandIn:
    """Answers whatever is asked of it with itself or another of its kind."""

    def __init__(self, name: str) -> None:
        self.__dict__["_name"] = name

    def __getattr__(self, name: str) -> "StandIn":
        if name.startswith("__") and name.endswith("__"):
            raise AttributeError(name)
        return StandIn(f"{self._name}.{name}")

    def __setattr__(self, name: str, value: object) -> None:
        self.__dict__[name] = value

    def __call__(self, *_: object, **__: object) -> "StandIn":
        """Answer a call."""
        return StandIn(f"{self._name}()")

    def __mro_entries__(self, _: object) -> tuple[type, ...]:
        return ()  # a class that is made of it has no such base

    def __getitem__(self, key: object) -> "StandIn":
        return StandIn(f"{self._name}[{key!r}]")

    def __setitem__(self, key: object, value: object) -> None: ...

    def __iter__(self) -> Iterator["StandIn"]:
        yield StandIn(f"{self._name}[0]")

    def __contains__(self, _: object) -> bool:
        return True

    def __len__(self) -> int:
        return 1

    def __bool__(self) -> bool:
        return True

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None: ...

    async def __aiter__(self) -> AsyncIterator["StandIn"]:
        yield StandIn(f"{self._name}[0]")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None: ...

    def __await__(self) -> Iterator[Any]:
        return iter(())

    def __int__(self) -> int:
        return 1

    __index__ = __int__

    def __float__(self) -> float:
        return 1.0

    def __str__(self) -> str:
        return "stand-in"

    def __format__(self, _: str) -> str:
        return "stand-in"

    def __fspath__(self) -> str:
        return "stand-in"

    def keys(self) -> tuple[str, ...]:
        """Be a mapping of one key, where somebody takes it for one."""
        return ("stand_in",)

    def items(self) -> tuple[tuple[str, "StandIn"], ...]:
        """Be a mapping of one key, where somebody takes it for one."""
        return (("stand_in", StandIn(f"{self._name}[0]")),)

    def __repr__(self) -> str:
        return f"<stand-in for {self._name}>"

    def __hash__(self) -> int:
        return hash(self._name)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, StandIn) and self._name == other._name

    def _operated(self, *_: object) -> "StandIn":
        return self

    def _compared(self, _: object) -> bool:
        return True

    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = _operated
    __truediv__ = __rtruediv__ = __floordiv__ = __mod__ = __neg__ = __or__ = __and__ = _operated
    __pow__ = __rpow__ = __rfloordiv__ = __rmod__ = __abs__ = __round__ = _operated
    __lt__ = __le__ = __gt__ = __ge__ = _compared
