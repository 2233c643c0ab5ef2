import Testing

@testable import S3

@Suite struct XMLReaderTests {
    @Test(
        "Reads names, text and children",
        arguments: [
            ("<a/>", ResponseElement(name: "a")),
            (" \n<?xml version='1.0'?>\r\n<!-- c --> <a />  ", ResponseElement(name: "a")),
            ("\u{FEFF}<a>t</a>", ResponseElement(name: "a", text: "t")),
            ("<s3:a xmlns:s3=\"u\" x='>&amp;'>t</s3:a >", ResponseElement(name: "a", text: "t")),
            ("<a>1&lt;2&amp;&quot;&apos;&gt;</a>", ResponseElement(name: "a", text: "1<2&\"'>")),
            ("<a>&#65;&#x42;&#x1F642;</a>", ResponseElement(name: "a", text: "AB🙂")),
            ("<a>x<![CDATA[<b>&amp;]]]]><!-- y -->z</a>", ResponseElement(name: "a", text: "x<b>&amp;]]z")),
            ("<a>1\r\n2\r3</a>", ResponseElement(name: "a", text: "1\n2\n3")),
            ("<a><![CDATA[1\r\n2\r3\r]]></a>", ResponseElement(name: "a", text: "1\n2\n3\n")),
            ("<a>&#93;]>]&#93;></a>", ResponseElement(name: "a", text: "]]>]]>")),
            (
                "<a><b>1</b><c/><b>2</b></a>",
                ResponseElement(
                    name: "a",
                    children: [
                        ResponseElement(name: "b", text: "1"), ResponseElement(name: "c"),
                        ResponseElement(name: "b", text: "2"),
                    ]
                )
            ),
        ]
    )
    func reads(text: String, expected: ResponseElement) throws {
        #expect(try XMLReader.read(Array(text.utf8)) == expected)
    }

    @Test(
        "Refuses what is none, or more than S3 sends",
        arguments: [
            ("", .malformed), ("   ", .malformed), ("x", .malformed), ("<a></b>", .malformed),
            ("<a>&x;</a>", .malformed),
            ("<a>&#0;</a>", .malformed), ("<a>&#xD800;</a>", .malformed), ("<a>&#+65;</a>", .malformed),
            ("<a/><b/>", .malformed),
            ("<a/>x", .malformed), ("<a>]]></a>", .malformed), ("<a b=c/>", .malformed), ("<a b='1'c='2'", .malformed),
            ("<a b='<'/>", .malformed), ("<a><!-- -- --></a>", .malformed), ("<a>\u{1}</a>", .malformed),
            ("< a/>", .malformed),
            ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;</a>", .refused), ("<a><!ENTITY></a>", .refused),
        ] as [(String, XMLError)]
    )
    func refuses(text: String, expected: XMLError) {
        #expect(throws: expected) { try XMLReader.read(Array(text.utf8)) }
    }

    @Test("Refuses bytes that are no UTF-8")
    func notUTF8() {
        #expect(throws: XMLError.malformed) { try XMLReader.read(Array("<a>".utf8) + [0xFF] + Array("</a>".utf8)) }
    }

    @Test("Takes as many levels as its limit, and no more", arguments: [15, 16, 17, 100_000])
    func depth(levels: Int) throws {
        let text = String(repeating: "<a>", count: levels) + String(repeating: "</a>", count: levels)
        let isTaken = levels <= XMLReader.maxDepth
        let root = try? XMLReader.read(Array(text.utf8))
        #expect((root != nil) == isTaken)
    }

    @Test("An answer cut anywhere is none")
    func cut() throws {
        let whole = Array(Self.sample.utf8)
        _ = try XMLReader.read(whole)
        for length in whole.indices {
            #expect(throws: XMLError.self) { try XMLReader.read(Array(whole[..<length])) }
        }
    }

    @Test("Of answers damaged at random it takes those that expat takes, and reads the same")
    func agreesWithExpat() throws {
        let documents = try Fixture.decode([Document].self, from: "documents.json")
        #expect(documents.count == 500)
        for document in documents {
            let root = try? XMLReader.read(Array(document.text.utf8))
            #expect(root == document.root?.element, "\(document.text)")
        }
    }

    private static let sample = """
        <?xml version="1.0" encoding="UTF-8"?>
        <Result xmlns="http://s3.amazonaws.com/doc/2006-03-01/" a='b'><Key>a&amp;b</Key><!-- c -->\
        <Part><PartNumber>1</PartNumber><ETag>&#34;aa&quot;</ETag><![CDATA[x]]></Part><Empty/></Result>
        """
}

private struct Document: Decodable {
    struct Element: Decodable {
        let name: String
        let text: String
        let children: [Element]

        var element: ResponseElement {
            ResponseElement(name: self.name, text: self.text, children: self.children.map(\.element))
        }
    }

    let text: String
    let root: Element?
}
