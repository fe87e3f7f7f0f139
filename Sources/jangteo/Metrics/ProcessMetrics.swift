import CoreMetrics
import FoundationEssentials
import Glibc
import Prometheus

/// What Prometheus' own libraries report about a process, under the same names.
struct ProcessMetrics: Sendable {
    private let cpu: TotalSeries
    private let resident: Meter
    private let virtual: Meter
    private let openFiles: Meter
    private let mostFiles: Meter

    init(_ metrics: PrometheusMetrics) {
        func meter(_ name: String) -> Meter { Meter(label: "process_\(name)", factory: metrics) }
        cpu = metrics.makeTotal("process_cpu_seconds_total")
        resident = meter("resident_memory_bytes")
        virtual = meter("virtual_memory_bytes")
        openFiles = meter("open_fds")
        mostFiles = meter("max_fds")
        if let numbers = ProcessNumbers() { meter("start_time_seconds").set(numbers.startedAt) }
        metrics.beforeExport(look)
    }

    private func look() {
        // Without /proc nothing is reported.
        guard let numbers = ProcessNumbers() else { return }
        cpu.set(numbers.cpuSeconds)
        resident.set(numbers.residentBytes)
        virtual.set(numbers.virtualBytes)
        // One of them is the folder itself, open for reading.
        if let files = try? FileManager.default.contentsOfDirectory(atPath: "/proc/self/fd") {
            openFiles.set(Double(files.count - 1))
        }
        var limit = rlimit()
        if getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 { mostFiles.set(Double(limit.rlim_cur)) }
    }
}

/// The kernel's numbers in a process's `/proc/PID/stat` (`proc(5)`).
struct ProcessNumbers {
    let cpuSeconds: Double
    /// In seconds since 1970.
    let startedAt: Double
    let virtualBytes: Double
    let residentBytes: Double

    /// nil if there is no such process, or no `/proc`.
    init?(_ process: String = "self") {
        guard let text = try? String(contentsOfFile: "/proc/\(process)/stat", encoding: .utf8),
            let afterName = text.lastIndex(of: ")")
        else { return nil }
        // The manual's third field comes first here: the second is a name, which may contain anything.
        let fields = text[text.index(after: afterName)...].split(separator: " ").map { Double($0) }
        func field(_ number: Int) -> Double? { fields.count > number - 3 ? fields[number - 3] : nil }
        guard let user = field(14), let system = field(15), let start = field(22), let virtual = field(23),
            let pages = field(24)
        else { return nil }
        let ticks = Double(sysconf(Int32(_SC_CLK_TCK)))
        cpuSeconds = (user + system) / ticks
        startedAt = Self.seconds(CLOCK_REALTIME) - Self.seconds(CLOCK_BOOTTIME) + start / ticks
        virtualBytes = virtual
        residentBytes = pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }

    private static func seconds(_ clock: clockid_t) -> Double {
        var time = timespec()
        clock_gettime(clock, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}
