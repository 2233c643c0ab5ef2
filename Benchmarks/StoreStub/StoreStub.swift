import Glibc

/// A fast stand-in for an S3 server under load tests: multipart uploads without parts, answered from memory.
///
/// It checks no signature and keeps no bytes. `store-stub [--port N] [--delay-ms N]` prints one line,
/// `STORE_URL=http://127.0.0.1:PORT`, and serves until it is killed. `GET /-/counts` says how often each
/// operation was asked for.
@main
struct StoreStub {
    static func main() {
        var port: UInt16 = 0
        var delayMilliseconds: UInt64 = 0
        var arguments = CommandLine.arguments.dropFirst()
        while let name = arguments.popFirst() {
            guard let value = arguments.popFirst() else { fail("\(name) needs a value") }
            switch name {
            case "--port": port = UInt16(value) ?? port
            case "--delay-ms": delayMilliseconds = UInt64(value) ?? delayMilliseconds
            default: fail("unknown option \(name)")
            }
        }
        guard let listener = ListeningSocket(port: port) else { fail("cannot listen on 127.0.0.1:\(port)") }
        print("STORE_URL=http://127.0.0.1:\(listener.port)")
        fflush(nil)
        EventLoop(listener: listener, delayNanoseconds: delayMilliseconds * 1_000_000).run()
    }

    private static func fail(_ message: String) -> Never {
        let line = "store-stub: \(message)\n"
        write(STDERR_FILENO, line, line.utf8.count)
        exit(EX_USAGE)
    }
}
