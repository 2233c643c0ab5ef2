import Foundation

/// A program that prints credentials as JSON; run by a shell, as the AWS tools do.
struct CredentialsProcess: Sendable, Equatable {
    private static let longest = DispatchTimeInterval.seconds(30)
    private static let maxBytes = 64 * 1024

    /// It may hold passwords of its own.
    let command: Secret
    let place: String

    func fetch() async throws(CredentialsError) -> Credentials {
        let place = "credential_process of \(self.place)"
        guard let output = await self.output(), output.status == 0 else {
            throw CredentialsError("\(place) cannot be run, fails, or takes longer than 30 s", canPass: true)
        }
        return try CredentialsDocument.credentials(in: output.bytes, place: place)
    }

    /// Nil where it does not start. What it says on standard error is dropped: it may be secret.
    private func output() async -> (bytes: [UInt8], status: Int32)? {
        let process = Process()
        process.executableURL = URL(filePath: "/bin/sh")
        process.arguments = ["-c", self.command.text]
        process.standardInput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        let pipe = Pipe()
        process.standardOutput = pipe
        return await withTaskCancellationHandler {
            await withCheckedContinuation { ended in
                Thread { ended.resume(returning: Self.run(process, reading: pipe)) }.start()
            }
        } onCancel: {
            if process.isRunning { process.terminate() }
        }
    }

    private static func run(_ process: Process, reading pipe: Pipe) -> (bytes: [UInt8], status: Int32)? {
        do {
            try process.run()
        } catch {
            return nil
        }
        let limit = DispatchWorkItem { process.terminate() }
        DispatchQueue.global().asyncAfter(deadline: .now() + Self.longest, execute: limit)
        defer { limit.cancel() }
        let bytes = Self.read(pipe.fileHandleForReading)
        if bytes == nil { process.terminate() }
        process.waitUntilExit()
        return bytes.map { ($0, process.terminationStatus) }
    }

    /// Nil for more than any credentials take.
    private static func read(_ file: FileHandle) -> [UInt8]? {
        var bytes: [UInt8] = []
        while let chunk = try? file.read(upToCount: Self.maxBytes), !chunk.isEmpty {
            bytes += chunk
            guard bytes.count <= Self.maxBytes else { return nil }
        }
        return bytes
    }
}
