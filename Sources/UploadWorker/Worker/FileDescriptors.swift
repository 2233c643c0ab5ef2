import Foundation

enum FileDescriptors {
    /// Lets this process open as many files as it may: the usual limit is 1,024, and each call under way to the store has
    /// a connection.
    static func raiseLimit() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
