#if CRASH_POINTS
    import ArgumentParser

    /// What `make torture` has to reach.
    struct CrashPointsCommand: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "crash-points",
            abstract: "List the crash points that this build for tests holds.",
            shouldDisplay: false
        )

        func run() async throws {
            for point in CrashPoint.allCases { print(point.name) }
        }
    }
#endif
