import Uploads

/// Spans as a collector takes them: `ExportTraceServiceRequest` of OTLP in JSON, in which ids are in hex and 64-bit numbers
/// in quotes. https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding
struct ExportRequest {
    let resource: [SpanAttribute]
    let spans: [FinishedSpan]

    func json() -> [UInt8] {
        var writer = JSONWriter(capacity: 512 + self.spans.count * 1024)
        writer.object { writer in
            writer.name("resourceSpans")
            writer.array([self.spans]) { writer, spans in
                writer.object { writer in
                    writer.name("resource")
                    writer.object { $0.attributes(self.resource) }
                    writer.name("scopeSpans")
                    writer.array([spans]) { writer, spans in
                        writer.object { $0.scope(spans) }
                    }
                }
            }
        }
        return writer.bytes
    }
}

extension JSONWriter {
    fileprivate mutating func scope(_ spans: [FinishedSpan]) {
        self.name("scope")
        self.object { writer in
            writer.name("name")
            writer.string("upload-worker")
        }
        self.name("spans")
        self.array(spans) { writer, span in writer.object { $0.members(of: span) } }
    }

    private mutating func members(of span: FinishedSpan) {
        self.name("traceId")
        self.string(span.trace.traceID)
        self.name("spanId")
        self.string(span.id)
        if let parent = span.parentID {
            self.name("parentSpanId")
            self.string(parent)
        }
        if let state = span.trace.tracestate {
            self.name("traceState")
            self.string(state)
        }
        self.name("flags")
        self.integer(span.trace.flags)
        self.name("name")
        self.string(span.name)
        self.name("kind")
        self.integer(span.kind.rawValue)
        self.name("startTimeUnixNano")
        self.string(String(span.startedAt))
        self.name("endTimeUnixNano")
        self.string(String(span.startedAt + UInt64(max(0, span.took / .nanoseconds(1)))))
        self.attributes(
            span.attributes + (span.errorType.map { [SpanAttribute(name: "error.type", value: .text($0))] } ?? [])
        )
        guard span.errorType != nil else { return }
        self.name("status")
        self.object { writer in
            writer.name("code")
            writer.integer(2)
        }
    }

    fileprivate mutating func attributes(_ attributes: [SpanAttribute]) {
        self.name("attributes")
        self.array(attributes) { writer, attribute in
            writer.object { writer in
                writer.name("key")
                writer.string(attribute.name)
                writer.name("value")
                writer.object { $0.value(attribute.value) }
            }
        }
    }

    private mutating func value(_ value: SpanAttribute.Value) {
        switch value {
        case .text(let text):
            self.name("stringValue")
            self.string(text)
        case .integer(let number):
            self.name("intValue")
            self.string(String(number))
        case .flag(let flag):
            self.name("boolValue")
            self.bool(flag)
        }
    }
}
