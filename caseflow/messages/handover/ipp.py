"""A printer or print server that speaks IPP (RFC 8011), above all CUPS: the batch becomes one print job of its name.

Whatever happens before the document leaves is a plain refusal; after that only the printer's list of jobs tells.
"""

from __future__ import annotations

from caseflow.messages.handover.ipp_line import FAULTS, Line, NotTaken
from caseflow.messages.handover.ipp_messages import (
    GET_JOBS,
    GET_PRINTER_ATTRIBUTES,
    JOB,
    PRINT_JOB,
    PRINTER,
    Answer,
    Attributes,
    Sent,
    Value,
)
from caseflow.messages.handover.port import Batch, Handed, Limits, Missing, Refused, Unclear
from caseflow.messages.handover.target import Target

CANCELED, ABORTED = 7, 8  # job-state
STOPPED = 5  # printer-state
JOB_FACTS = ["job-id", "job-uri", "job-name", "job-state"]
# CUPS puts finished jobs out of its memory within a second, and then lists them without their names, unless something
# is asked for that it must read from its disk.
JOB_FACTS += ["job-priority"]
PRINTER_FACTS = ["printer-state", "printer-state-reasons", "printer-is-accepting-jobs"]
PRINTER_FACTS += ["document-format-supported", "sides-supported"]
NOT_ACCEPTING, NO_PDF = "the printer is not accepting jobs", "the printer does not take PDF"
TOO_BIG = 0x0408
STATUSES = {
    0x0401: "the printer does not allow this",
    0x0402: "the printer wants a user and a password",
    0x0403: "the printer does not let this user print",
    0x0406: "the print server has no such queue",
    TOO_BIG: "the batch is too big for the printer",
    0x040A: NO_PDF,
    0x0503: "the printer does not speak this version of IPP",
    0x0505: "the printer has a passing fault",
    0x0506: NOT_ACCEPTING,
    0x0507: "the printer is busy",
}


def hand_over(batch: Batch, target: Target, limits: Limits) -> Handed | Refused | Unclear:
    """Print, unless a job of the batch's name is known there.

    A printer that stands still is a refusal: its queue would take the letters and keep them, and nobody would know.
    """
    with Line(target, limits) as line:
        try:
            job, _remembers = _job_of(batch, line)
            if job:
                return _standing(job)
            if obstacle := _obstacle(batch, line):
                return Refused(permanent=False, reason=obstacle)
        except FAULTS as error:
            return Refused(permanent=False, reason=line.reason(error))
        return _print(batch, line)


def reconcile(batch: Batch, target: Target, limits: Limits) -> Handed | Missing | Unclear:
    """Absence counts only where the printer remembers finished jobs at all: not all of them do, or for long."""
    with Line(target, limits) as line:
        try:
            job, remembers = _job_of(batch, line)
        except FAULTS as error:
            return Unclear(line.reason(error))
    if job:
        standing = _standing(job)
        return standing if isinstance(standing, Handed) else Unclear(standing.reason)
    return Missing() if remembers else Unclear("the printer lists no finished jobs: look whether it was printed")


def _job_of(batch: Batch, line: Line) -> tuple[Attributes | None, bool]:
    """The job of that name, rather one that was not broken off; and whether the printer lists finished jobs."""
    unfinished = _asked(line, GET_JOBS, {"which-jobs": "not-completed", "requested-attributes": JOB_FACTS}).of(JOB)
    try:
        finished = _asked(line, GET_JOBS, {"which-jobs": "completed", "requested-attributes": JOB_FACTS}).of(JOB)
    except NotTaken:  # some printers keep no such list
        finished = []
    ours = [job for job in unfinished + finished if _first(job, "job-name") == batch.name]
    ours.sort(key=_broken_off)
    return (ours[0] if ours else None), bool(finished)


def _obstacle(batch: Batch, line: Line) -> str | None:
    """Why the batch would not be printed as it must be. What a printer does not say is no obstacle."""
    found = _asked(line, GET_PRINTER_ATTRIBUTES, {"requested-attributes": PRINTER_FACTS}).of(PRINTER)
    state = found[0] if found else {}
    if _first(state, "printer-is-accepting-jobs") is False:
        return NOT_ACCEPTING
    if _first(state, "printer-state") == STOPPED:
        why = [str(word).replace("-", " ") for word in state.get("printer-state-reasons", []) if word != "none"]
        return f"the printer is stopped: {', '.join(why)}"[:200] if why else "the printer is stopped"
    if "application/pdf" not in state.get("document-format-supported", ["application/pdf"]):
        return NO_PDF
    if _sides(batch) not in state.get("sides-supported", [_sides(batch)]):
        return f"the printer cannot print on {'both sides' if batch.duplex else 'one side'}"
    return None


def _print(batch: Batch, line: Line) -> Handed | Refused | Unclear:
    about = {"job-name": batch.name, "document-format": "application/pdf"}
    paper = {"media": "iso_a4_210x297mm", "sides": _sides(batch)}
    try:
        got = line.ask(PRINT_JOB, about, paper, batch.pdf)
    except NotTaken as error:
        return Refused(permanent=False, reason=str(error))
    except FAULTS as error:
        return Unclear(line.reason(error))
    if not got.successful:
        return Refused(permanent=got.status == TOO_BIG, reason=_in_words(got))
    jobs = got.of(JOB)
    return Handed(_name_of(jobs[0]) if jobs else batch.name)


def _asked(line: Line, operation: int, attributes: Sent) -> Answer:
    got = line.ask(operation, attributes)
    if not got.successful:
        raise NotTaken(_in_words(got))
    return got


def _sides(batch: Batch) -> str:
    return "two-sided-long-edge" if batch.duplex else "one-sided"


def _standing(job: Attributes) -> Handed | Refused:
    """A job that was broken off may have printed some letters: only somebody at the printer can say which."""
    if not _broken_off(job):
        return Handed(_name_of(job))
    how = "cancelled" if _first(job, "job-state") == CANCELED else "broken off"
    return Refused(permanent=True, reason=f"{_name_of(job)} was {how} at the printer: see there what was printed")


def _broken_off(job: Attributes) -> bool:
    return _first(job, "job-state") in (CANCELED, ABORTED)


def _name_of(job: Attributes) -> str:
    return str(_first(job, "job-uri") or f"job {_first(job, 'job-id')}")


def _first(attributes: Attributes, name: str) -> Value:
    values = attributes.get(name)
    return values[0] if values else None


def _in_words(got: Answer) -> str:
    words = STATUSES.get(got.status, f"the printer refused with IPP status {got.status:#06x}")
    return f"{words} ({got.message})" if got.message else words
