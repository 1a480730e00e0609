"""Batches for a print queue, at a real CUPS: what its backend got is what we handed over, once."""

from __future__ import annotations

import time
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

import pytest
from pypdf import PdfReader

from caseflow.messages.handover import Handed, Limits, Missing, Refused, Unclear, hand_over, reconcile
from caseflow.messages.handover.ipp_line import Line
from caseflow.messages.handover.ipp_messages import GET_JOBS, JOB
from caseflow.messages.handover.target import Target
from caseflow.processes import wait_until
from tests.foreign import free_port
from tests.messages.batches import NAME, QUICK, STEADY, batch
from tests.printers import Cups, printing
from tests.wires import Fault, Wire, silent

pytest_plugins = ["tests.messages.mailservers"]
pytestmark = pytest.mark.no_app


@pytest.fixture
def cups(tmp_path: Path) -> Iterator[Cups]:
    with printing(tmp_path / "cups") as server:
        yield server


def to(url: str) -> dict[str, str]:
    return {"LETTERS_URL": url}


def through(wire: Wire) -> dict[str, str]:
    return to(f"ipp://127.0.0.1:{wire.port}/printers/letters")


def page_texts(pdf: bytes) -> list[str]:
    return [page.extract_text() for page in PdfReader(BytesIO(pdf)).pages]


def remember(cups: Cups, paper: Path) -> None:
    """Another program's job goes through the queue, so that it has a finished job to remember."""
    paper.write_bytes(batch().pdf)
    cups.command("lp", "-d", "letters", "-t", "another", str(paper))
    assert [job.title for job in cups.tray()] == ["another"]


def test_a_batch_of_letters_is_printed_on_both_sides_under_its_name(cups: Cups) -> None:
    handed = hand_over(batch(), to(cups.url))
    assert handed == Handed(f"ipp://127.0.0.1:{cups.port}/jobs/1")
    (job,) = cups.tray()
    assert job.title == NAME
    assert {"sides=two-sided-long-edge", "media=iso_a4_210x297mm"} <= set(job.options)
    assert job.pdf == batch().pdf
    texts = page_texts(job.pdf)
    assert len(texts) == 6
    assert "Lampan är bytt." in texts[0]
    assert texts[1] == ""
    assert "gatlyktan" in texts[2]
    assert "Tack för tipset!" in texts[4]


def test_a_batch_for_one_side_is_printed_on_one_side(cups: Cups) -> None:
    hand_over(batch(duplex=False), to(cups.url))
    (job,) = cups.tray()
    assert "sides=one-sided" in job.options
    assert job.pdf == batch(duplex=False).pdf


def test_handed_over_twice_it_is_printed_once(cups: Cups) -> None:
    first = hand_over(batch(), to(cups.url))
    assert len(cups.tray()) == 1
    assert hand_over(batch(), to(cups.url)) == first
    assert reconcile(batch(), to(cups.url)) == first
    hand_over(batch("caseflow-2026-11-24-sb-18"), to(cups.url))
    assert [job.title for job in cups.tray(2)] == [NAME, "caseflow-2026-11-24-sb-18"]


def test_a_batch_that_is_still_printing_is_not_sent_again_and_one_that_was_cancelled_needs_a_person(cups: Cups) -> None:
    cups.hold()
    first = hand_over(batch(), to(cups.url))
    assert isinstance(first, Handed)
    assert hand_over(batch(), to(cups.url)) == first == reconcile(batch(), to(cups.url))
    cups.command("cancel", "letters-1")
    assert _settled(cups).reason.endswith("/jobs/1 was cancelled at the printer: see there what was printed")


def test_a_printer_that_is_stopped_gets_nothing_until_it_runs_again(cups: Cups) -> None:
    cups.command("cupsdisable", "letters")
    assert hand_over(batch(), to(cups.url)) == Refused(False, "the printer is stopped: paused")
    cups.command("cupsenable", "letters")
    assert isinstance(hand_over(batch(), to(cups.url)), Handed)
    assert len(cups.tray()) == 1


def test_a_queue_that_is_closed_refuses_in_words(cups: Cups) -> None:
    cups.command("cupsreject", "letters")
    assert hand_over(batch(), to(cups.url)) == Refused(False, "the printer is not accepting jobs")
    assert cups.tray(0) == []


def test_a_printer_that_prints_on_one_side_only_gets_no_batch_for_both(cups: Cups) -> None:
    assert hand_over(batch(), to(cups.queue("single"))) == Refused(False, "the printer cannot print on both sides")
    assert isinstance(hand_over(batch(duplex=False), to(cups.queue("single"))), Handed)


def test_a_queue_that_is_not_there_is_told_in_words(cups: Cups) -> None:
    refused = hand_over(batch(), to(cups.queue("gone")))
    assert isinstance(refused, Refused)
    assert not refused.permanent
    assert refused.reason.startswith("the print server has no such queue")
    assert isinstance(reconcile(batch(), to(cups.queue("gone"))), Unclear)


def test_a_job_that_was_broken_off_needs_a_person(cups: Cups) -> None:
    cups.jam()
    hand_over(batch(), to(cups.url))
    refused = _settled(cups)
    assert refused.permanent
    assert refused.reason.endswith("/jobs/1 was broken off at the printer: see there what was printed")
    assert reconcile(batch(), to(cups.url)) == Unclear(refused.reason)


def test_a_job_that_cups_has_put_out_of_its_memory_is_still_known_by_its_name(cups: Cups) -> None:
    first = hand_over(batch(), to(cups.url))
    wait_until(lambda: not _named_in_memory(cups), 20)
    assert hand_over(batch(), to(cups.url)) == first == reconcile(batch(), to(cups.url))
    assert len(cups.tray()) == 1


def _named_in_memory(cups: Cups) -> list[str]:
    """The names of the finished jobs, where CUPS can tell them without reading its disk."""
    asked = {"which-jobs": "completed", "requested-attributes": ["job-id", "job-name"]}
    with Line(Target.of(cups.url), Limits()) as line:
        jobs = line.ask(GET_JOBS, asked).of(JOB)
    return [str(name) for job in jobs for name in job.get("job-name", [])] if jobs else ["not finished yet"]


def _settled(cups: Cups) -> Refused:
    """CUPS needs a moment to end a job."""
    for _ in range(100):
        again = hand_over(batch(), to(cups.url))
        if isinstance(again, Refused):
            return again
        time.sleep(0.05)
    raise AssertionError("the job did not end")


def test_absence_is_certain_only_where_the_printer_lists_finished_jobs(cups: Cups, tmp_path: Path) -> None:
    assert isinstance(reconcile(batch(), to(cups.url)), Unclear)
    remember(cups, tmp_path / "paper.pdf")
    assert reconcile(batch(), to(cups.url)) == Missing()


def test_a_printer_that_forgets_finished_jobs_leaves_the_question_to_a_person(tmp_path: Path) -> None:
    with printing(tmp_path / "cups", history=False) as cups:
        assert isinstance(hand_over(batch(), to(cups.url)), Handed)
        cups.tray()
        assert isinstance(reconcile(batch("never-printed"), to(cups.url)), Unclear)


@pytest.mark.parametrize("fault", ["cut", "clogged"])
def test_a_line_that_breaks_amid_the_document_prints_nothing(cups: Cups, tmp_path: Path, fault: Fault) -> None:
    remember(cups, tmp_path / "paper.pdf")
    with Wire(cups.port, after=len(batch().pdf) // 2, fault=fault) as wire:
        assert isinstance(hand_over(batch(), through(wire), STEADY), Unclear)
    assert reconcile(batch(), to(cups.url)) == Missing()
    assert isinstance(hand_over(batch(), to(cups.url)), Handed)
    assert [job.title for job in cups.tray(2)] == ["another", NAME]


def test_an_answer_that_is_lost_is_found_in_the_list_of_jobs(cups: Cups) -> None:
    with Wire(cups.port, after=len(batch().pdf), fault="dumb") as wire:
        unclear = hand_over(batch(), through(wire))
        assert unclear == Unclear("the print server ended the connection without an answer")
    assert len(cups.tray()) == 1
    assert reconcile(batch(), to(cups.url)) == Handed(f"ipp://127.0.0.1:{cups.port}/jobs/1")
    assert isinstance(hand_over(batch(), to(cups.url)), Handed)
    assert len(cups.tray()) == 1


def test_a_print_server_that_is_down_is_tried_again() -> None:
    refused = hand_over(batch(), to(f"ipp://127.0.0.1:{free_port()}/printers/letters"))
    assert refused == Refused(False, "the print server does not take connections: is it running?")


@pytest.mark.parametrize(("greeting", "drip"), [(b"", None), (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 99, 0.2)])
def test_a_print_server_that_hangs_or_dawdles_costs_only_the_time_agreed(greeting: bytes, drip: float | None) -> None:
    began = time.monotonic()
    with silent(greeting, drip) as port:
        refused = hand_over(batch(), to(f"ipp://127.0.0.1:{port}/printers/letters"), QUICK)
    assert refused == Refused(False, "the print server did not answer in time")
    assert time.monotonic() - began < QUICK.in_all + 2


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"SSH-2.0-OpenSSH\r\n", "what the print server speaks is not HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "what the printer answers is not IPP"),
        (b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n", "the print server wants another user or password"),
        (b"HTTP/1.1 426 No\r\nContent-Length: 0\r\n\r\n", "takes encrypted connections only: write ipps://"),
        (b"HTTP/1.1 503 No\r\nContent-Length: 0\r\n\r\n", "the print server answers HTTP 503"),
        (
            b"HTTP/1.1 200 OK\r\nContent-Length: 14\r\n\r\n\x01\x01\x05\x07\x00\x00\x00\x01\x01\x41\x00\x09st",
            "what the printer answers is not IPP",
        ),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n\x01\x01\x05\x07\x00\x00\x00\x01\x03", "the printer is busy"),
    ],
)
def test_any_other_answer_is_told_in_words_and_without_the_password(answer: bytes, why: str) -> None:
    with silent(answer) as port:
        refused = hand_over(batch(), to(f"ipp://u:s3cret@127.0.0.1:{port}/printers/letters"))
    assert isinstance(refused, Refused)
    assert why in refused.reason
    assert "s3cret" not in refused.reason


def test_over_tls_the_print_server_must_be_who_it_says(tmp_path: Path, certificate: tuple[Path, Path]) -> None:
    with printing(tmp_path / "cups", certificate=certificate) as cups:
        address = cups.queue("letters", "ipps", "localhost")
        refused = hand_over(batch(), to(address))
        assert isinstance(refused, Refused)
        assert refused.reason.startswith("the print server's certificate is not trusted")
        assert isinstance(hand_over(batch(), to(f"{address}?ca={certificate[0]}")), Handed)
        assert cups.tray()[0].pdf == batch().pdf


def test_a_printer_without_tls_is_told_in_words(cups: Cups) -> None:
    refused = hand_over(batch(), to(cups.queue("letters", "ipps")), QUICK)
    assert isinstance(refused, Refused)
    assert "TLS" in refused.reason or "without an answer" in refused.reason


def test_a_file_of_authorities_that_cannot_be_read_is_told_in_words() -> None:
    refused = hand_over(batch(), to("ipps://localhost:1/printers/letters?ca=/nowhere.pem"))
    assert refused == Refused(False, "the file of trusted authorities (ca) cannot be read")


def test_a_name_with_spaces_in_the_queue_reaches_it(cups: Cups) -> None:
    """It does not exist, but CUPS must have understood which was meant."""
    refused = hand_over(batch(), to(f"ipp://127.0.0.1:{cups.port}/printers/no%20such"))
    assert isinstance(refused, Refused)
    assert refused.reason.startswith("the print server has no such queue")


def test_a_batch_of_many_letters_goes_through(cups: Cups) -> None:
    many = batch(copies=8)
    assert isinstance(hand_over(many, to(cups.url), Limits()), Handed)
    assert cups.tray()[0].pdf == many.pdf
