"""The form field for a resident's files. What was chosen waits apart for a day (staged_files.py) until it is sent."""

from __future__ import annotations

import structlog
from flask import current_app
from flask_babel import gettext as _
from itsdangerous import URLSafeSerializer
from werkzeug.datastructures import FileStorage

from caseflow import clock, staged_files
from caseflow.cases.files.attachment_field import AttachmentsField, read
from caseflow.cases.files.attachments import Upload
from caseflow.cases.files.made_safe import made_safe

log = structlog.get_logger(__name__)

LARGEST = 15 * 1024 * 1024  # bytes of a file as it comes: a picture is smaller once it is made safe


class ResidentFilesField(AttachmentsField):
    """As its parent, for files of strangers: each is made safe, or refused in words, before anything keeps it."""

    def kept(self, file: FileStorage) -> list[Upload]:
        if not file.filename:
            return []
        name, media_type, content = made_safe(*read(file, LARGEST), current_app.config)
        try:
            sha256 = staged_files.stage(content, current_app.config, now=clock.now())
        except OSError as error:
            log.error("file_not_staged", error=type(error).__name__)
            told = _("We cannot take in files just now. Send without “%(name)s” and add it later.", name=name)
            raise ValueError(told) from None
        return [Upload(name, media_type, len(content), sha256)]

    def kept_before(self, value: str) -> list[Upload]:
        found = super().kept_before(value)
        for upload in found:
            if not staged_files.is_there(upload.sha256, current_app.config, now=clock.now()):
                raise ValueError(_("“%(name)s” has waited for too long. Choose it again.", name=upload.name))
        return found

    def seal(self) -> URLSafeSerializer:
        return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="staged file")

    def settle(self) -> list[Upload]:
        """The files, kept for good; they are about to be sent. OSError where the disk does not take them."""
        for upload in self.data:
            staged_files.settle(upload.sha256, current_app.config)
        return self.data
