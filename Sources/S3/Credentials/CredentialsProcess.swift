import Foundation
import Glibc

/// A program that prints credentials as JSON; run by a shell, as the AWS tools do.
struct CredentialsProcess: Sendable, Equatable {
    private static let maxBytes = 64 * 1024

    /// It may hold passwords of its own.
    let command: Secret
    let place: String
    /// From its start to the end of its output.
    var longest = Duration.seconds(30)

    func fetch() async throws(CredentialsError) -> Credentials {
        let place = "credential_process of \(self.place)"
        guard let output = await self.output() else {
            throw CredentialsError("\(place) cannot be run, or takes longer than \(self.longest)", canPass: true)
        }
        return try CredentialsDocument.credentials(in: output, place: place)
    }

    /// Nil where it does not start. What it says on standard error is dropped: it may be secret.
    private func output() async -> [UInt8]? {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", self.command.text]
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        return await withTaskCancellationHandler {
            await withCheckedContinuation { ended in
                Thread { ended.resume(returning: self.run(process, reading: pipe)) }.start()
            }
        } onCancel: {
            if process.isRunning { process.terminate() }
        }
    }

    /// Waits for the output's end, not the process's: what it has started itself may go on for long.
    private func run(_ process: Process, reading pipe: Pipe) -> [UInt8]? {
        do {
            try process.run()
        } catch {
            return nil
        }
        let bytes = Self.read(pipe.fileHandleForReading.fileDescriptor, until: .now + self.longest)
        if bytes == nil, process.isRunning { process.terminate() }
        return bytes
    }

    /// Nil for more than any credentials take, and for an end that does not come in time.
    private static func read(_ descriptor: CInt, until deadline: ContinuousClock.Instant) -> [UInt8]? {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 4096)
        while case let left = deadline - .now, left > .zero, bytes.count <= Self.maxBytes {
            var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
            guard poll(&waiting, 1, CInt(left / .milliseconds(1)) + 1) > 0 else { continue }
            let count = Glibc.read(descriptor, &chunk, chunk.count)
            guard count > 0 else { return count == 0 ? bytes : nil }
            bytes += chunk[..<count]
        }
        return nil
    }
}
