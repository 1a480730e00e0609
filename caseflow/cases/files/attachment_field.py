"""The form field for files. What was chosen is kept at once, so that a form that comes back has lost none of it."""

from __future__ import annotations

from typing import Any

from flask import current_app
from flask_babel import gettext as _
from flask_babel import ngettext
from itsdangerous import BadData, URLSafeSerializer
from werkzeug.datastructures import FileStorage
from wtforms import Field, ValidationError
from wtforms.form import BaseForm

from caseflow import files
from caseflow.cases.files.attachments import IN_ALL, LARGEST, MOST, Upload, clean_name, kind_of
from caseflow.cases.files.made_safe import scanned

MEGABYTE = 1024 * 1024


class AttachmentsField(Field):
    """`data` is a list of `Upload`. It is filled from files and from the sealed names of files that came before.

    The seal keeps anybody from naming the content of a file that is not theirs.
    """

    def process_formdata(self, valuelist: list[Any]) -> None:
        self.data = []
        wrong = []
        for value in valuelist:
            try:
                self.data += self.kept_before(value) if isinstance(value, str) else self.kept(value)
            except ValueError as error:
                wrong.append(str(error))
        self.data = list({upload.sha256: upload for upload in self.data}.values())
        if wrong:
            raise ValueError(" ".join(wrong))

    def process_data(self, value: Any) -> None:
        self.data: list[Upload] = list(value or ())

    def pre_validate(self, form: BaseForm) -> None:
        if len(self.data) > MOST:
            raise ValidationError(ngettext("Attach at most %(num)d file.", "Attach at most %(num)d files.", MOST))
        if sum(upload.size for upload in self.data) > IN_ALL:
            raise ValidationError(_("The files are larger than %(size)d MB together.", size=IN_ALL // MEGABYTE))

    @property
    def sealed(self) -> list[tuple[Upload, str]]:
        """Each file with the value that brings it back."""
        return [(upload, self.seal().dumps(upload.facts())) for upload in self.data]

    def kept(self, file: FileStorage) -> list[Upload]:
        """The file stored, or why it cannot be sent. A browser sends one without a name where none is chosen."""
        if not file.filename:
            return []
        name, content = read(file, LARGEST)
        media_type = kind_of(content)
        if media_type is None:
            raise ValueError(_("“%(name)s” is no PDF, JPEG or PNG file. Save it as one of these first.", name=name))
        scanned(name, content, current_app.config)
        return [Upload(name, media_type, len(content), files.keep(content, current_app.config))]

    def kept_before(self, value: str) -> list[Upload]:
        """What a page of ours named; anything else is left out, because nobody typed it."""
        try:
            return [Upload(**self.seal().loads(value))]
        except (BadData, TypeError):
            return []

    def seal(self) -> URLSafeSerializer:
        return URLSafeSerializer(current_app.config["SECRET_KEY"], salt="attachment")


def read(file: FileStorage, largest: int) -> tuple[str, bytes]:
    """Its name and content; ValueError where it is empty or larger than so many bytes."""
    name, content = clean_name(file.filename or ""), file.stream.read(largest + 1)
    if not content:
        raise ValueError(_("“%(name)s” is empty.", name=name))
    if len(content) > largest:
        raise ValueError(_("“%(name)s” is larger than %(size)d MB.", name=name, size=largest // MEGABYTE))
    return name, content
