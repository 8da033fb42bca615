"""Airflow's REST API as its users call it, with a token."""

import json
import time
import urllib.request

ENDED = {"success", "failed"}
_DIRECT = urllib.request.build_opener(urllib.request.ProxyHandler({}))


class Rest:
    """The API of a cluster.

    Args:
        record: of the cluster.
    """

    def __init__(self, record):
        self.record = record
        login = {"username": record.user, "password": record.password}
        self._token = self._ask("POST", "/auth/token", login)["access_token"]

    def get(self, path):
        return self._ask("GET", f"/api/v2{path}")

    def post(self, path, body):
        return self._ask("POST", f"/api/v2{path}", body)

    def patch(self, path, body):
        return self._ask("PATCH", f"/api/v2{path}", body)

    def _ask(self, method, path, body=None):
        request = urllib.request.Request(  # noqa: S310 - the cluster's own address
            self.record.url + path,
            method=method,
            data=None if body is None else json.dumps(body).encode(),
            headers={"Content-Type": "application/json"},
        )
        if hasattr(self, "_token"):
            request.add_header("Authorization", f"Bearer {self._token}")
        with _DIRECT.open(request, timeout=60) as answer:
            return json.load(answer)

    def await_dags(self, names, seconds=120):
        """Return when the DAG processor has read these DAGs, and let them run."""
        deadline = time.monotonic() + seconds
        while missing := set(names) - self.dags():
            assert time.monotonic() < deadline, (missing, self.get("/importErrors"))
            time.sleep(0.5)
        for name in names:
            self.patch(f"/dags/{name}", {"is_paused": False})

    def dags(self):
        return {one["dag_id"] for one in self.get("/dags?limit=100")["dags"]}

    def trigger(self, dag, conf=None, run_id=None, logical_date=None):
        """Trigger a run as the seeds do, and return its id."""
        body = {"conf": dict(conf or {}), "logical_date": logical_date}
        if run_id:
            body["dag_run_id"] = run_id
        return self.post(f"/dags/{dag}/dagRuns", body)["dag_run_id"]

    def state(self, dag, run_id):
        return self.get(f"/dags/{dag}/dagRuns/{_path(run_id)}")["state"]

    def tasks(self, dag, run_id):
        found = self.get(f"/dags/{dag}/dagRuns/{_path(run_id)}/taskInstances?limit=200")
        return found["task_instances"]

    def await_end(self, dag, run_id, seconds=300):
        """Return the state in which a run has ended."""
        deadline = time.monotonic() + seconds
        while (state := self.state(dag, run_id)) not in ENDED:
            assert time.monotonic() < deadline, f"{dag} is {state} after {seconds} s"
            time.sleep(0.3)
        return state


def _path(text):
    from urllib.parse import quote

    return quote(text, safe="")
