#!/usr/bin/env python3
"""Write documents.json beside this file: answers damaged at random, and what expat reads in them (null: it refuses).

Foundation's XMLParser is no judge of these: it takes end tags that match nothing, and stops the process at some names.
"""
import json
import pathlib
import random
import xml.parsers.expat

SAMPLES = [
    "<L xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"><Key>a&amp;b</Key><P><N>1</N><ETag>&quot;aa&quot;</ETag></P><P/></L>",
    "<Error><Code>Slow</Code><!-- c --><M><![CDATA[a<b]]> &#65;&#x42;</M><E a='1' b=\"2\"/></Error>",
    "<a><b>1</b> <c>2\r\n</c>&gt;&lt;<d><?p i?><e>é🙂</e></d></a>",
]
ALPHABET = "<>/&;#x0a ='\"!-[]?:\n"


def tree(text):
    """Name, text and children, as ResponseElement has them."""
    root = {"children": []}
    stack = [root]
    parser = xml.parsers.expat.ParserCreate("UTF-8")

    def start(name, _):
        stack.append({"name": name.split(":")[-1], "text": "", "children": []})

    def end(_):
        closed = stack.pop()
        stack[-1]["children"].append(closed)

    def characters(data):
        stack[-1]["text"] += data

    parser.StartElementHandler, parser.EndElementHandler, parser.CharacterDataHandler = start, end, characters
    try:
        parser.Parse(text.encode(), True)
    except xml.parsers.expat.ExpatError:
        return None
    return root["children"][0]


def damaged(text, rng):
    characters = list(text)
    for _ in range(rng.randint(1, 3)):
        index = rng.randrange(len(characters))
        what = rng.randrange(3)
        if what == 0:
            del characters[index]
        elif what == 1:
            characters.insert(index, rng.choice(ALPHABET))
        else:
            characters[index] = rng.choice(ALPHABET)
    return "".join(characters)


def documents(count, rng):
    """As many that expat takes as it refuses."""
    wanted = {True: count // 2, False: count // 2}
    while any(wanted.values()):
        text = damaged(rng.choice(SAMPLES), rng)
        expected = tree(text)
        if wanted[expected is not None]:
            wanted[expected is not None] -= 1
            yield {"text": text, "root": expected}


if __name__ == "__main__":
    file = pathlib.Path(__file__).with_name("documents.json")
    found = list(documents(500, random.Random(1)))
    file.write_text("[\n" + ",\n".join(json.dumps(document, ensure_ascii=False) for document in found) + "\n]\n")
    print(f"{file.name}: {len(found)} documents")
