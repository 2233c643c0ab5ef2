import Foundation
import Testing

@testable import S3

@Suite("A look at a bucket")
struct InspectingTests {
    @Test(
        "reads the date of an answer",
        arguments: [
            ("Sun, 06 Nov 1994 08:49:37 GMT", 784_111_777), ("Thu, 01 Jan 1970 00:00:00 GMT", 0),
            ("Wed, 30 Sep 2026 23:59:59 GMT", 1_790_812_799), ("Sunday, 06-Nov-94 08:49:37 GMT", nil),
            ("Sun Nov  6 08:49:37 1994", nil), ("", nil), ("Sun, 06 Nov 1994 08:49:37 CET", nil),
            ("Sun, 06 Foo 1994 08:49:37 GMT", nil), ("Sun, 41 Nov 1994 08:49:37 GMT", nil),
        ] as [(String, Double?)]
    )
    func date(text: String, seconds: Double?) {
        #expect(HTTPDate.date(of: text)?.timeIntervalSince1970 == seconds)
    }

    @Test("tells region and clock of an error, too")
    func error() async throws {
        let more = "<Region>eu-central-1</Region>"
        let script: [ScriptedServer.Step] = [
            .answer(
                400,
                Answer.error("AuthorizationHeaderMalformed", more: more),
                headers: ["Date: Sun, 06 Nov 1994 08:49:37 GMT"]
            )
        ]
        try await withScriptedStore([script]) { client, server in
            let answer = await client.inspectBucket(prefix: "users/")
            #expect(answer.region == "eu-central-1")
            #expect(answer.error?.code == "AuthorizationHeaderMalformed")
            #expect(answer.serverDate == Date(timeIntervalSince1970: 784_111_777))
            #expect(server.requests.count == 1)
            #expect(server.requests[0].head.hasPrefix("GET /uploads?max-uploads=1&prefix=users%2F&uploads= "))
        }
    }

    @Test("takes a configuration that is not there for no rules")
    func none() async throws {
        let scripts: [[ScriptedServer.Step]] = [
            [.answer(404, Answer.error("NoSuchCORSConfiguration"))],
            [.answer(404, Answer.error("NoSuchLifecycleConfiguration"))],
        ]
        try await withScriptedStore(scripts) { client, _ in
            let (cors, abort) = (try await client.corsRules(), try await client.abortRules())
            #expect(cors == [] && abort == [])
        }
    }

    @Test("reads CORS rules")
    func cors() async throws {
        let body = """
            <CORSConfiguration><CORSRule><AllowedOrigin>https://a</AllowedOrigin><AllowedOrigin>https://b</AllowedOrigin>\
            <AllowedMethod>PUT</AllowedMethod><ExposeHeader>ETag</ExposeHeader></CORSRule>\
            <CORSRule><AllowedMethod>GET</AllowedMethod></CORSRule></CORSConfiguration>
            """
        try await withScriptedStore([[.answer(200, body)]]) { client, server in
            let rules = try await client.corsRules()
            #expect(
                rules == [
                    CORSRule(origins: ["https://a", "https://b"], methods: ["PUT"], exposedHeaders: ["ETag"]),
                    CORSRule(origins: [], methods: ["GET"], exposedHeaders: []),
                ]
            )
            #expect(server.requests[0].head.hasPrefix("GET /uploads?cors= "))
        }
    }

    @Test(
        "reads the prefix of a lifecycle rule wherever it stands",
        arguments: [
            ("<Prefix>a/</Prefix>", "a/"), ("<Filter><Prefix>a/</Prefix></Filter>", "a/"), ("<Filter/>", ""), ("", ""),
            ("<Filter><And><Prefix>a/</Prefix></And></Filter>", "a/"),
        ]
    )
    func lifecycle(filter: String, prefix: String) async throws {
        let abort =
            "<AbortIncompleteMultipartUpload><DaysAfterInitiation>3</DaysAfterInitiation>"
            + "</AbortIncompleteMultipartUpload>"
        let body = """
            <LifecycleConfiguration><Rule>\(filter)<Status>Enabled</Status>\(abort)</Rule>\
            <Rule>\(filter)<Status>Disabled</Status>\(abort)</Rule>\
            <Rule>\(filter)<Status>Enabled</Status><Expiration><Days>1</Days></Expiration></Rule></LifecycleConfiguration>
            """
        try await withScriptedStore([[.answer(200, body)]]) { client, _ in
            let rules = try await client.abortRules()
            #expect(rules == [AbortRule(prefix: prefix, daysAfterInitiation: 3)])
        }
    }

    @Test("does not take another document for rules")
    func other() async throws {
        let script: [ScriptedServer.Step] = [.answer(200, "<ListBucketResult/>")]
        try await withScriptedStore([script, script, script]) { client, _ in
            let error = await expect(kind: .passing) { try await client.abortRules() }
            #expect(error?.code == "MalformedResponse")
        }
    }
}
