"""The name a customer may be greeted by, where there is one."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from tactful.reckon.names import Name, read_names


def greeting_names(given_name: pa.Array) -> pa.Array:
    """The greeting-safe form of each given name, empty where a neutral line is better; each distinct name is read once.

    >>> greeting_names(pa.array(["JOHN", "MR J SMITH LTD", None, "Anna"])).to_pylist()
    ['John', None, None, 'Anna']
    """
    coded = given_name.cast(pa.string()).dictionary_encode()
    names = read_names(coded.dictionary.to_pylist())
    words = pa.array([name.greeting if isinstance(name, Name) else None for name in names], pa.string())
    return pc.take(words, coded.indices)
