"""Every file as it came, byte for byte."""

from __future__ import annotations

from django.db import models

from willowbark.foundation.compartment import Identified


class Original(Identified):
    """
    A file's bytes, kept once however often they come.

    `sha256` is of the bytes as they came. `packed` chunks were plain text and are deflated; the others were
    compressed already.
    """

    placement = "local"

    sha256 = models.BinaryField(max_length=32, unique=True)
    name = models.CharField(max_length=500)
    size_bytes = models.BigIntegerField()
    packed = models.BooleanField()
    received_at = models.DateTimeField()


class OriginalChunk(Identified):
    """A piece of an original, in order."""

    placement = "local"

    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="chunks", db_index=False)
    number = models.IntegerField()
    content = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["original", "number"], name="original_chunk_once")]
