"""What every XCom backend must keep, as tests that a user's test class inherits.

```python
from dagproof.xcom_contract import XComBackendContract

class TestMine(XComBackendContract):
    backend = MyBackend
```
"""

from typing import TYPE_CHECKING, Any, ClassVar

from dagproof.contracts import backends

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy


class XComBackendContract:
    """Test methods for pytest; name the subclass `Test...` and give it a `backend`.

    What the backend stores elsewhere is purged after each value. Its configuration is the test's
    own business, such as a fixture that is used automatically.

    Attributes:
        backend: a subclass of Airflow's `BaseXCom`.
        values: a Hypothesis strategy of the values that it claims to carry beside JSON.
        examples: how many values each test tries.
        big: bytes of the big value.
    """

    backend: ClassVar[Any] = None
    values: "ClassVar[SearchStrategy[Any] | None]" = None
    examples: ClassVar[int] = 50
    big: ClassVar[int] = 2 * 1024 * 1024

    def test_what_json_can_carry_comes_back_equal(self) -> None:
        """Lists and dicts with text keys, of texts, numbers, booleans and None."""
        backends.all_come_back(self._backend(), backends.json_values(), self.examples)

    def test_values_that_it_claims_to_carry_come_back_without_loss(self) -> None:
        """Values of the strategy `values`, where there is one: type, dtype and zone included."""
        if self.values is not None:
            backends.all_come_back(self._backend(), self.values, self.examples)

    def test_falsy_values_come_back(self) -> None:
        """`None`, `False`, `0`, `0.0`, `""`, `[]` and `{}`, none of them for another."""
        for value in backends.FALSY:
            backends.comes_back(self._backend(), value)

    def test_any_key_will_do(self) -> None:
        """Keys in other alphabets, with slashes, blanks, dots and percent signs."""
        for key in backends.KEYS:
            backends.comes_back(self._backend(), {"key": key}, key=key)

    def test_big_value_comes_back(self) -> None:
        """A text of `big` bytes."""
        backends.comes_back(self._backend(), {"text": "ab" * (self.big // 2)})

    def test_two_values_do_not_overwrite_each_other(self) -> None:
        """Of two keys, two tasks, two runs, two DAGs and two map indexes."""
        backends.stay_apart(self._backend(), self._pair())

    def test_second_push_of_a_key_wins(self) -> None:
        """As in a retry: who pulls afterwards gets the second value."""
        backends.second_wins(self._backend(), self._pair())

    def test_purge_of_a_value_does_not_raise(self) -> None:
        """Once, and again when it is gone already, and of None."""
        for value in (*self._pair(), None):
            backends.can_be_purged(self._backend(), value)

    def test_purge_of_one_value_leaves_the_others(self) -> None:
        """The same value under another key, too."""
        backends.purged_alone(self._backend(), self._pair()[0])

    def test_what_it_cannot_carry_is_refused_at_push(self) -> None:
        """A value that gets into the database and not out again fails another task."""
        backends.refused_at_push(self._backend())

    def _backend(self) -> Any:
        if self.backend is None:
            raise AssertionError(f"Give {type(self).__name__} the class that it tests: `backend`.")
        return self.backend

    def _pair(self) -> tuple[Any, Any]:
        return backends.two_values(self.values)
