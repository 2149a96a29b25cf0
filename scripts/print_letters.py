#!/usr/bin/env python3
"""Prints memory/letters_table.c: what text indexes need to know of Unicode's characters.

print_letters.py [DIRECTORY] > memory/letters_table.c. DIRECTORY holds DerivedCoreProperties.txt of the Unicode Character Database (Debian:
package unicode-data); the rest is Python's own.
"""
import sys
import unicodedata

DIRECTORY = sys.argv[1] if len(sys.argv) > 1 else "/usr/share/unicode"
LAST = 0x10FFFF
COLUMNS = 118
# Letters that do not come apart into an ASCII letter and marks.
FOLDED = {
    "Æ": "AE", "æ": "ae", "Ø": "O", "ø": "o", "ß": "ss", "ẞ": "SS", "Đ": "D", "đ": "d", "Ð": "D", "ð": "d", "Þ": "TH", "þ": "th", "Ł": "L",
    "ł": "l", "Œ": "OE", "œ": "oe", "Ħ": "H", "ħ": "h", "ı": "i", "ĸ": "q", "Ŋ": "N", "ŋ": "n", "Ŧ": "T", "ŧ": "t", "Ə": "A", "ə": "a",
    "ſ": "s", "ƒ": "f", "Ƶ": "Z", "ƶ": "z", "Ɓ": "B", "ɓ": "b", "Ɖ": "D", "ɖ": "d", "Ɗ": "D", "ɗ": "d", "Ɠ": "G", "ɠ": "g", "Ƙ": "K",
    "ƙ": "k", "Ɲ": "N", "ɲ": "n", "Ƴ": "Y", "ƴ": "y",
}


def read_alphabetic():
    found = set()
    with open(f"{DIRECTORY}/DerivedCoreProperties.txt", encoding="utf-8") as lines:
        for line in lines:
            fields = line.split("#")[0].split(";")
            if len(fields) == 2 and fields[1].strip() == "Alphabetic":
                ends = fields[0].strip().split("..")
                found.update(range(int(ends[0], 16), int(ends[-1], 16) + 1))
    return found


def runs(points):
    found = []
    for point in sorted(points):
        if found and point == found[-1][1] + 1:
            found[-1][1] = point
        else:
            found.append([point, point])
    return found


def lowercase_runs():
    """(first, last, step, difference): every step-th character from first to last has its small letter that far away."""
    pairs = [(c, ord(chr(c).lower())) for c in range(LAST + 1) if len(chr(c).lower()) == 1 and chr(c).lower() != chr(c)]
    found = []
    for upper, lower in pairs:
        run = found[-1] if found else None
        step = upper - run[1] if run else 0
        if run and lower - upper == run[3] and step in (1, 2) and (run[2] in (0, step)):
            run[1], run[2] = upper, step
        else:
            found.append([upper, upper, 0, lower - upper])
    return [(first, last, step or 1, difference) for first, last, step, difference in found]


def folds():
    found = {ord(letter): text for letter, text in FOLDED.items()}
    for c in range(0x80, 0x10000):
        text = unicodedata.normalize("NFKD", chr(c))
        text = "".join(letter for letter in text if not unicodedata.combining(letter))
        if text.isascii() and text.isalnum() and len(text) <= 3:
            found.setdefault(c, text)
    return sorted(found.items())


def print_table(name, type_name, rows):
    print(f"const {type_name} qd_{name}[] = {{")
    line = ""
    for row in rows:
        if len(line) + len(row) + 2 > COLUMNS:
            print(f"  {line.rstrip()}")
            line = ""
        line += row + ", "
    print(f"  {line.rstrip()}\n}};")
    print(f"const size_t qd_n_{name} = {len(rows)};\n")


def ranges(points):
    return [f"{{0x{first:x}, 0x{last:x}}}" for first, last in runs(points)]


def main():
    numeric = {c for c in range(LAST + 1) if unicodedata.category(chr(c)).startswith("N")}
    print(f"/* Unicode {unicodedata.unidata_version}; made by scripts/print_letters.py. */\n")
    print("/* clang-format off */\n")
    print('#include "memory/letters_table.h"\n')
    print_table("alphabetic", "qd_letter_range", ranges(read_alphabetic()))
    print_table("numeric", "qd_letter_range", ranges(numeric))
    print_table("lowercase", "qd_letter_case", ["{0x%x, 0x%x, %d, %d}" % run for run in lowercase_runs()])
    print_table("folds", "qd_letter_fold_row", [f'{{0x{c:x}, "{text}"}}' for c, text in folds()])


main()
