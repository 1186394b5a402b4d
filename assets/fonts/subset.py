#!/usr/bin/env python3
"""Cuts the fonts to the characters KubeWalk draws: subset.py SOURCE_DIR OUTPUT_DIR

Inter            text: what the interface and the lessons use        Debian package fonts-inter
JetBrains Mono   code and terminal: the same, and box drawing        Debian package fonts-jetbrains-mono
Noto Sans CJK SC Chinese: GB2312 level 1 and what the lessons and
                 interface strings themselves use; and signs that
                 a learner may type, which are too rare to be
                 loaded at the start                                 Debian package fonts-noto-cjk
"""
import os
import sys

from fontTools import subset
from fontTools.ttLib import TTCollection, TTFont

INTER = "/usr/share/fonts/opentype/inter/"
JETBRAINS_MONO = "/usr/share/fonts/truetype/jetbrains-mono/"
NOTO_CJK = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc"
NOTO_CJK_SC = 2  # the collection's font for simplified Chinese

ASCII = [*range(0x20, 0x7F)]
LATIN_1 = [*ASCII, *range(0xA0, 0x100)]
LATIN = [*LATIN_1, *range(0x100, 0x180), 0x2DA, 0x2DC, 0x2C6, 0x3A9, 0x3BC, 0x3C0]
PUNCTUATION = [*range(0x2010, 0x2028), *range(0x2030, 0x203B), 0x2044, 0x20AC, 0x2116, 0x2122, 0xFFFD]
MATHS = [0x2202, 0x2206, 0x220F, 0x2211, 0x2212, 0x2215, 0x2219, 0x221A, 0x221E, 0x2248, 0x2260, 0x2264, 0x2265]
SIGNS = [*range(0x2190, 0x21FF), *range(0x2300, 0x2328), *range(0x23CE, 0x23FF), *range(0x2460, 0x2474),
         *range(0x25A0, 0x2600), 0x2605, 0x2606, 0x2610, 0x2611, 0x2612, 0x26A0, 0x26A1,
         0x2713, 0x2714, 0x2715, 0x2716, 0x2717, 0x2718, 0x2758, 0x2759, 0x275A, 0x2794, 0x279C, 0x27A4]
# What C++ itself draws: middle dots, dashes, quotes, arrows, minus, about.
DRAWN = [0xB5, 0xB7, 0xD7, 0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x203A,
         0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0xFFFD]
BOXES = [*range(0x2500, 0x2580)]
BLOCKS = [*range(0x2580, 0x25A0)]
CJK_PUNCTUATION = [*range(0x3000, 0x3018), *range(0xFF01, 0xFF5F), 0xFFE5]


def gb2312_level_1():
    """The 3,755 common characters: rows 16 to 55 of GB2312."""
    characters = set()
    for row in range(16, 56):
        for cell in range(1, 95):
            try:
                characters.add(ord(bytes([0xA0 + row, 0xA0 + cell]).decode("gb2312")))
            except UnicodeDecodeError:
                pass
    return characters


def characters_used(source):
    """Whatever stands beyond ASCII in lessons and assets: no text of ours may draw a box instead of a character."""
    characters = set()
    for top in ("lessons", "assets"):
        for folder, _, names in os.walk(os.path.join(source, top)):
            for name in names:
                if name.endswith((".json", ".yaml", ".md", ".txt")):
                    with open(os.path.join(folder, name), encoding="utf-8", errors="ignore") as file:
                        characters.update(ord(character) for character in file.read())
    return {character for character in characters if character > 0x7F}


def cut(font, characters, target):
    options = subset.Options()
    # stb_truetype applies no layout tables and no hinting; metrics and outlines are all it reads.
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "BASE", "vhea", "vmtx", "VORG", "kern", "DSIG", "STAT", "meta"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 13, 14]  # copyright, family, style and licence stay in the font
    options.recalc_timestamp = False      # the same input gives the same bytes
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=characters)
    subsetter.subset(font)
    font.save(target + ".part")
    os.replace(target + ".part", target)


def main():
    source, output = sys.argv[1:3]
    os.makedirs(output, exist_ok=True)
    used = characters_used(source)
    text = {*ASCII, *DRAWN, *used}

    for weight, more in (("Regular", LATIN_1), ("SemiBold", [])):
        font = TTFont(f"{INTER}Inter-{weight}.otf", recalcTimestamp=False)
        cut(font, {*text, *more}, os.path.join(output, f"Inter-{weight}.otf"))

    font = TTFont(f"{JETBRAINS_MONO}JetBrainsMono-Regular.ttf", recalcTimestamp=False)
    cut(font, {*text, *LATIN_1, *BOXES}, os.path.join(output, "JetBrainsMono-Regular.ttf"))

    font = TTCollection(NOTO_CJK, recalcTimestamp=False).fonts[NOTO_CJK_SC]
    chinese = {*gb2312_level_1(), *CJK_PUNCTUATION, *LATIN, *PUNCTUATION, *MATHS, *SIGNS, *BLOCKS, *used}
    cut(font, chinese, os.path.join(output, "NotoSansSC-Regular.otf"))


main()
