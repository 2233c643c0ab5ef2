import Foundation

/// This process's own use of the machine, under the names that Prometheus clients share:
/// https://prometheus.io/docs/instrumenting/writing_clientlibs/#process-metrics
enum ProcessFigures {
    static func write(to page: inout MetricsPage) {
        page.begin("process_cpu_seconds_total", .counter, "User and system CPU time.")
        page.sample("process_cpu_seconds_total", [], self.cpuSeconds)
        let pages = self.numbers(in: "/proc/self/statm")
        if pages.count > 1 {
            let size = Double(sysconf(CInt(_SC_PAGESIZE)))
            page.gauge("process_virtual_memory_bytes", "Virtual memory.", pages[0] * size)
            page.gauge("process_resident_memory_bytes", "Resident memory.", pages[1] * size)
        }
        if let open = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd").count {
            page.gauge("process_open_fds", "Open file descriptors.", Double(open))
        }
        page.gauge("process_max_fds", "Most file descriptors that may be open.", self.maxDescriptors)
        page.gauge("process_start_time_seconds", "When the process began, in seconds since 1970.", self.startTime)
    }

    private static let startTime = Date().timeIntervalSince1970.rounded()

    /// To be called when the process begins.
    static func noteStart() { _ = self.startTime }

    private static var cpuSeconds: Double {
        var usage = rusage()
        getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage)
        return [usage.ru_utime, usage.ru_stime].reduce(0) { $0 + Double($1.tv_sec) + Double($1.tv_usec) / 1e6 }
    }

    private static var maxDescriptors: Double {
        var limit = rlimit()
        getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
        return limit.rlim_cur == rlim_t.max ? .infinity : Double(limit.rlim_cur)
    }

    private static func numbers(in path: String) -> [Double] {
        let text = (try? String(contentsOfFile: path, encoding: .utf8)) ?? ""
        return text.split(separator: " ").compactMap { Double($0.trimmed) }
    }
}
