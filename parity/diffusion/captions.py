"""Writes a thousand captions and the ids that transformers' CLIPTokenizer gives them; see README.md."""

import gzip
import json
import pathlib
import random
import sys

from transformers import AddedToken, CLIPTokenizer

COUNT = 1000
SEED = 7
MERGES = 49152 - 256 - 2
START, END = "<|startoftext|>", "<|endoftext|>"

SUBJECTS = """aeroplane bicycle bird boat bottle bus car cat chair cow dining|table dog horse motorbike person
potted|plant sheep sofa train tv|monitor caf\u00e9 na\u00efve|fa\u00e7ade cr\u00e8me|br\u00fbl\u00e9e Bj\u00f6rk \u00c5ngstr\u00f6m
smo\u0308rga\u030asbord Stra\u00dfe \u0130stanbul \u039f\u0394\u039f\u03a3 \u03a3\u03af\u03c3\u03c5\u03c6\u03bf\u03c2 \u041c\u043e\u0441\u043a\u0432\u0430 \u0439\u043e\u0433\u0443\u0440\u0442 \u732b \u6771\u4eac\u30bf\u30ef\u30fc \ud55c\uad6d\uc5b4
\u05e9\u05b8\u05c1\u05dc\u05d5\u05b9\u05dd \u0645\u064e\u0631\u0652\u062d\u064e\u0628\u064b\u0627 \u0928\u092e\u0938\u094d\u0924\u0947 \u0e2a\u0e27\u0e31\u0e2a\u0e14\u0e35 \ufb01nch \u01c5ungla \u1e9e \u210clbert""".split()
EMOJI = """\U0001f431 \U0001f436\U0001f43e \U0001f468\u200d\U0001f469\u200d\U0001f467\u200d\U0001f466 \U0001f44d\U0001f3fd \u2764\ufe0f \U0001f1eb\U0001f1f7 \u2708\ufe0f\U0001f30d :) ;-) ^_^ \u263a \U0001f6b2\U0001f4a8""".split()
LONG_WORDS = """antidisestablishmentarianism Donaudampfschifffahrtsgesellschaft
pneumonoultramicroscopicsilicovolcanoconiosis Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch
supercalifragilisticexpialidocious floccinaucinihilipilification hippopotomonstrosesquippedaliophobia""".split()
ADJECTIVES = """red tiny Old WOODEN half-empty well-lit \u00fcber-modern 19th-century sun\u00adlit two-\u2044-tone l'\u00e9l\u00e9gant""".split()
NUMBERS = """7 42 1,000,000 3.14159 12\u00bd \u2167 x\u00b2 \uff11\uff12\uff13 24/7 #1 50% \u00a39.99 \u0663\u0664 \u2460 f/2.8 4K""".split()
TAILS = """isn't can't they're we've I'm she'll he'd dog's DOGS' rock'n'roll it\u2019s o'clock 'tis y'all'd've""".split()
PUNCTUATION = [", ", "; ", " -- ", "... ", "!!! ", " (", ") ", "\u2026 ", " \u2014 ", " \u201c", "\u201d ", " / ", " & ", "?! ", " @ ", " * "]
SPACES = [" ", " ", " ", "  ", "\t", "\n", "\r\n", "\u00a0", "\u2003", "\u3000", "\u0085", "\u200b", "\ufeff", "\u2028", "\x1c", "\x0b"]

# Whole captions for what chance seldom puts together.
SINGLES = [
    "",
    " ",
    "!",
    "'",
    "''s",
    "'S",
    "a" * 400,
    "\U0001f431" * 90,
    "cat " * 100,
    "9" * 80,
    "." * 120,
    "e\u0301e\u0300u\u0308",
    "\u1100\u1161\u11a8",
    "\u0301",
    "a\u0345\u0301",
    "\u2126\u212b\u212a",
    "\ufffd\ufffd",
    "\x00\x01\x7f",
    "a\x00b",
    "caf\u00e9caf\u00e9",
    END,
    f"a cat{END}and a dog",
    f"{START} a cat {START}",
    "A CAT<|STARTOFTEXT|>",
    "<|endoftext|",
    "a cat</w> dog</w>",
    "\u0120 \u010a",
    "\u03a3 \u03a3\u03a3 \u0391\u03a3 \u0391\u03a3.\u0391",
    "I\u0307\u0130i\u0131",
    "\u00df\u1e9e\ufb03",
    "\u01c4\u01c5\u01c6",
    "\u2160\u2164\u216b",
    "\U00010400\U00010428",
    "\U0001d400\U0001d7d8",
    "\u0e01\u0e33\u0e19\u0e49\u0e33",
    "\u0915\u094d\u0937",
    "\u180e\u2060\u00ad",
    "\u1680\u202f\u205f",
]


def clip_tokenizer(file):
    """The tokenizer of the public checkpoints, from openai/CLIP's list of merges."""
    with gzip.open(file, "rt", encoding="utf-8") as lines:
        merges = [tuple(line.split()) for line in list(lines)[1 : 1 + MERGES]]
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = [chr(256 + i) for i in range(256 - len(printable))]
    symbols = [*map(chr, printable), *others]
    tokens = [*symbols, *(symbol + "</w>" for symbol in symbols)]
    tokens += ["".join(merge) for merge in merges] + [START, END]
    special = {"normalized": True, "lstrip": False, "rstrip": False, "single_word": False}
    return CLIPTokenizer(
        vocab={token: i for i, token in enumerate(tokens)},
        merges=merges,
        unk_token=AddedToken(END, **special),
        bos_token=AddedToken(START, **special),
        eos_token=AddedToken(END, **special),
        pad_token=END,
        model_max_length=77,
    )


def word(random):
    kind = random.random()
    if kind < 0.55:
        return random.choice(SUBJECTS).replace("|", " ")
    if kind < 0.65:
        return random.choice(ADJECTIVES)
    if kind < 0.75:
        return random.choice(NUMBERS)
    if kind < 0.85:
        return random.choice(TAILS)
    if kind < 0.93:
        return random.choice(EMOJI)
    if kind < 0.97:
        return random.choice(LONG_WORDS)
    # any letter, mark or sign that Unicode had in 2017, long before Java 17
    code = random.choice([random.randrange(0xA0, 0x0530), random.randrange(0x2000, 0x2BFF)])
    return f"{random.choice('abc')}{chr(code)}{random.choice(['', 'z', '7', '-'])}"


def cased(text, random):
    return random.choice([text, text, text.lower(), text.upper(), text.title()])


def caption(random):
    parts = [random.choice(["", "", "a photo of ", "An ", "\u00a1", "\u00ab", " "])]
    for _ in range(random.randrange(1, 14)):
        parts.append(cased(word(random), random))
        parts.append(random.choice(PUNCTUATION if random.random() < 0.3 else SPACES))
    return "".join(parts)


def captions():
    stream = random.Random(SEED)
    unique = dict.fromkeys(SINGLES)
    while len(unique) < COUNT:
        unique[caption(stream)] = None
    return list(unique)


def main():
    merges, target = map(pathlib.Path, sys.argv[1:])
    tokenizer = clip_tokenizer(merges)
    lines = []
    for text in captions():
        ids = tokenizer(text, padding="max_length", truncation=True).input_ids
        used = ids.index(tokenizer.eos_token_id, 1)
        while used < 76 and set(ids[used + 1 :]) != {tokenizer.pad_token_id}:
            used = ids.index(tokenizer.eos_token_id, used + 1)
        lines.append(json.dumps({"caption": text, "ids": ids[: used + 1]}))
    target.write_text("\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
