"""A revision of a collection as the bytes of a file, and back. No torch here."""

from __future__ import annotations

import gzip
import json
import zlib
from collections.abc import Sequence
from dataclasses import astuple
from typing import Any

from explorer.collections.records import Collection, Item, Traits
from explorer.pictures.records import Refused

_VERSION = 1
_UNREADABLE = (OSError, EOFError, zlib.error, ValueError, KeyError, TypeError, AttributeError)


def encoded(collection: Collection) -> bytes:
    """Return a revision as compressed JSON."""
    told = {
        "version": _VERSION,
        "id": collection.id,
        "revision": collection.revision,
        "title": collection.title,
        "owner": collection.owner,
        "classes": collection.classes,
        "items": [astuple(item) for item in collection.items],
        "refused": [(each.name, each.reason) for each in collection.refused],
        "warnings": collection.warnings,
        "own_split": collection.own_split,
        "share": collection.share,
        "seed": collection.seed,
        "created": collection.created,
        "next_id": collection.next_id,
    }
    text = json.dumps(told, ensure_ascii=False).encode("utf-8", "surrogatepass")
    return gzip.compress(text, compresslevel=5, mtime=0)


def decoded(data: bytes) -> Collection:
    """Return what `encoded` was given. Raises ValueError for anything else."""
    try:
        told = json.loads(gzip.decompress(data).decode("utf-8", "surrogatepass"))
        return Collection(
            id=told["id"],
            revision=told["revision"],
            title=told["title"],
            owner=told["owner"],
            classes=tuple(told["classes"]),
            items=tuple(_item(each) for each in told["items"]),
            refused=tuple(Refused(*each) for each in told["refused"]),
            warnings=tuple(told["warnings"]),
            own_split=told["own_split"],
            share=told["share"],
            seed=told["seed"],
            created=told["created"],
            next_id=told["next_id"],
        )
    except (
        OSError,
        EOFError,
        zlib.error,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
    ) as error:
        raise ValueError(f"this is no revision of a collection ({error})") from None


def _item(values: Sequence[Any]) -> Item:
    id, name, label, width, height, part, twins, (*own, border, plain) = values
    digest, hash_, format_, camera = own
    red, green, blue = border
    traits = Traits(digest, hash_, format_, camera, (red, green, blue), plain)
    return Item(id, name, label, width, height, part, twins, traits)
