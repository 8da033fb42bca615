"""What a process took on can be read when it has ended."""

import os

from dagproof.import_audit.given import Given, nothing_given
from dagproof.import_audit.orders import Job, Mode

FIRST, SECOND, THIRD = (Job(number, f"/dags/{number}.py", "/dags") for number in range(3))


def test_jobs_are_told_that_were_given_in_the_order_in_which_they_were():
    given = nothing_given()
    for job in (THIRD, FIRST):
        given.add(job)

    assert given.among({FIRST, SECOND, THIRD}) == [THIRD, FIRST]


def test_only_jobs_that_are_asked_for_are_told():
    given = nothing_given()
    for job in (FIRST, SECOND):
        given.add(job)

    assert given.among({SECOND}) == [SECOND]


def test_a_file_that_was_given_is_not_given_in_another_mode():
    given = nothing_given()
    given.add(FIRST)

    assert given.among({Job(0, "/dags/0.py", "/dags", Mode.ONWARD)}) == []


def test_a_number_is_not_taken_for_the_end_of_another():
    given = nothing_given()
    given.add(Job(11, "/dags/11.py", "/dags"))

    assert given.among({Job(1, "/dags/1.py", "/dags")}) == []


def test_a_job_that_was_given_again_is_told_once():
    given = nothing_given()
    for job in (FIRST, SECOND, FIRST):
        given.add(job)

    assert given.among({FIRST, SECOND}) == [SECOND, FIRST]


def test_what_a_process_wrote_stays_when_it_was_killed():
    given = nothing_given()
    pid = os.fork()
    if pid == 0:
        Given(given.descriptor).add(SECOND)
        os.kill(os.getpid(), 9)
    os.waitpid(pid, 0)

    assert given.among({FIRST, SECOND}) == [SECOND]


def test_a_kernel_without_files_in_memory_will_do(monkeypatch):
    monkeypatch.delattr(os, "memfd_create", raising=False)
    given = nothing_given()
    given.add(FIRST)

    assert given.among({FIRST}) == [FIRST]
