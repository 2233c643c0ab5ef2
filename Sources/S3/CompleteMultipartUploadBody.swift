/// The list of parts that CompleteMultipartUpload sends.
enum CompleteMultipartUploadBody {
    static func bytes(parts: [(number: Int, etag: String)]) -> [UInt8] {
        var xml: [UInt8] = []
        xml.reserveCapacity(100 + parts.count * 110)
        xml.append("<CompleteMultipartUpload xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">")
        for part in parts.sorted(by: { $0.number < $1.number }) {
            xml.append("<Part><PartNumber>")
            xml.append(decimal: part.number)
            xml.append("</PartNumber><ETag>&quot;")
            for byte in (ETag.unquoted(part.etag) ?? "").utf8 {
                self.append(byte, to: &xml)
            }
            xml.append("&quot;</ETag></Part>")
        }
        xml.append("</CompleteMultipartUpload>")
        return xml
    }

    private static func append(_ byte: UInt8, to xml: inout [UInt8]) {
        switch byte {
        case UInt8(ascii: "&"): xml.append("&amp;")
        case UInt8(ascii: "<"): xml.append("&lt;")
        case UInt8(ascii: ">"): xml.append("&gt;")
        case UInt8(ascii: "\""): xml.append("&quot;")
        default: xml.append(byte)
        }
    }
}
