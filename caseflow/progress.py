"""How far a long command is: a bar on a terminal, elsewhere a line for each tenth."""

from __future__ import annotations

import sys
from types import TracebackType
from typing import Self

import click
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


class Bar:
    def __init__(self, size: int) -> None:
        self._size, self._told = max(size, 1), 0
        columns = (BarColumn(None), TaskProgressColumn(), TextColumn("{task.description}"), TimeRemainingColumn())
        self._bar = Progress(*columns) if sys.stdout.isatty() else None
        self._task = self._bar.add_task("", total=self._size) if self._bar else None

    def __enter__(self) -> Self:
        if self._bar:
            self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._bar:
            self._bar.stop()

    def show(self, done: int, what: str) -> None:
        if self._bar and self._task is not None:
            self._bar.update(self._task, completed=done, description=what)
        elif done * 10 // self._size > self._told:
            self._told = done * 10 // self._size
            click.echo(f"{what} ({10 * self._told} %)")
