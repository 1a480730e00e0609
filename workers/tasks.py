"""The tasks: a name and one call. What to retry and when stands in the outbox."""

from flask import current_app

from caseflow import clock, staged_files
from caseflow.broker import celery
from caseflow.cases.delivery import deliveries
from caseflow.cases.faults import fault_news
from caseflow.cases.files import exports
from caseflow.cases.screen import held_filing
from caseflow.cases.suggestions import suggesting, training
from caseflow.cases.watch import covering, digest, escalation, waking
from caseflow.database import unit_of_work
from caseflow.intake import lost_links
from caseflow.mailroom import imap
from caseflow.statistics import open_data, report_wishes, rollup


@celery.task(name="deliver")
def deliver(message_id: int) -> None:
    deliveries.deliver(message_id)


@celery.task(name="sweep")
def sweep() -> None:
    deliveries.sweep()


@celery.task(name="hand_over")
def hand_over(batch_id: int) -> None:
    deliveries.hand_over(batch_id)


@celery.task(name="post_room")
def post_room() -> None:
    deliveries.post_room()


@celery.task(name="heartbeat")
def heartbeat() -> None:
    deliveries.worker_beat()


@celery.task(name="fetch_mail")
def fetch_mail() -> None:
    imap.fetch_mail(current_app.config)


@celery.task(name="wake")
def wake() -> None:
    waking.wake(clock.now())


@celery.task(name="cover")
def cover() -> None:
    covering.cover(clock.now())


@celery.task(name="escalate")
def escalate() -> None:
    escalation.escalate(clock.now())


@celery.task(name="digests")
def digests() -> None:
    digest.send(clock.now())


@celery.task(name="advise")
def advise() -> None:
    suggesting.advise_all(clock.now())


@celery.task(name="send_links")
def send_links() -> None:
    lost_links.send(clock.now())


@celery.task(name="tell_followers")
def tell_followers() -> None:
    fault_news.send(clock.now())


@celery.task(name="learn_first")
def learn_first() -> None:
    training.train_first(clock.now())


@celery.task(name="forget")
def forget() -> None:
    with unit_of_work():
        held_filing.forget(clock.now())
        fault_news.forget(clock.now())


@celery.task(name="learn")
def learn() -> None:
    training.train(clock.now())


# The first time, and after the rules have changed, every case there is.
@celery.task(name="count_figures", time_limit=1_800)
def count_figures() -> None:
    with unit_of_work():
        rollup.update(clock.now())


# Longer than other tasks: many thousands of rows. While it counts on, no other worker begins the same one.
@celery.task(name="make_export", time_limit=1_800)
def make_export(export_id: int) -> None:
    exports.make(export_id, current_app.config)


@celery.task(name="sweep_exports")
def sweep_exports() -> None:
    exports.sweep(current_app.config, clock.now())


@celery.task(name="publish_months", time_limit=900)
def publish_months() -> None:
    open_data.publish(clock.now())


@celery.task(name="mail_figures")
def mail_figures() -> None:
    report_wishes.send(clock.now())


@celery.task(name="sweep_staged")
def sweep_staged() -> None:
    staged_files.sweep(current_app.config, now=clock.now())
