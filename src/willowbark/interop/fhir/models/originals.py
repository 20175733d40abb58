"""Every file as it came, byte for byte."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from willowbark.foundation.compartment import Identified
from willowbark.interop.fhir.models.clear_or_sealed import clear_or_sealed


class Original(Identified):
    """
    A file's bytes, kept once however often they come.

    `sha256` is of the bytes as they came, and keyed: it tells the same file again, and lets nobody guess what
    a small one says. `packed` chunks were plain text and are deflated; the others were compressed already.
    """

    placement = "local"

    sha256 = models.BinaryField(max_length=32, unique=True)
    name = models.CharField(max_length=500)
    size_bytes = models.BigIntegerField()
    packed = models.BooleanField()
    received_at = models.DateTimeField()


class OriginalChunk(Identified):
    """A piece of an original, in order; in `content` where it came before pieces were sealed."""

    placement = "local"

    original = models.ForeignKey(Original, on_delete=models.PROTECT, related_name="chunks", db_index=False)
    number = models.IntegerField()
    sealed_content = models.BinaryField(null=True)
    content = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["original", "number"], name="original_chunk_once"),
            clear_or_sealed("original_chunk_clear_or_sealed"),
        ]
        indexes = [
            models.Index(
                fields=["id"], name="original_chunk_in_the_clear", condition=Q(content__isnull=False)
            )
        ]
