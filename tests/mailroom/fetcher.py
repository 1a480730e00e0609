"""One fetch of the mailbox that the environment names, to be killed amid it: `python -m tests.mailroom.fetcher`."""

from caseflow.mailroom import imap
from wsgi import app

with app.app_context():
    imap.fetch_mail(app.config)
