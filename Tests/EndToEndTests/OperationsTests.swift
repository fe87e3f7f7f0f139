import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// What machines ask: whether the shop answers, whether it can sell, how it is doing.
struct OperationsTests {
    /// One answer of /metrics.
    private struct Scrape {
        let text: String

        init(_ stack: Stack) throws {
            let answer = try stack.operations().send("GET", "/metrics")
            guard answer.status == 200 else { throw Failure("/metrics: \(answer)") }
            text = answer.text
        }

        /// The value of a series; nil if it is missing.
        subscript(_ series: String) -> Double? {
            text.split(separator: "\n").first { $0.hasPrefix(series + " ") }.flatMap {
                Double($0.dropFirst(series.count + 1).replacing("+Inf", with: "inf"))
            }
        }
    }

    @Test func `the process answers anybody`() throws {
        try Stack.run { stack throws in
            let answer = try stack.client().send("GET", "/healthz")
            #expect(
                answer.whole == """
                    200 OK
                    Cache-Control: no-store
                    Connection: keep-alive
                    Content-Length: <length>
                    Content-Type: text/plain; charset=utf-8
                    Date: <date>
                    Server: nginx
                    X-Content-Type-Options: nosniff
                    X-Request-Id: <id>

                    ok

                    """)
            #expect(try stack.client().send("POST", "/healthz", body: []).status == 405)
            #expect(try stack.client().send("HEAD", "/healthz").status == 200)
        }
    }

    @Test func `it is ready when a write gets through and not while another holds the lock`() throws {
        try Stack.run { stack throws in
            let ready = try stack.operations().send("GET", "/readyz")
            #expect(ready.status == 200)
            #expect(ready.text == "ready\n")
            #expect(ready["Cache-Control"] == "no-store")
            #expect(try Scrape(stack)["jangteo_ready"] == 1)

            let other = try stack.sql()
            try other.execute("BEGIN IMMEDIATE")
            var refused: HTTPAnswer?
            let took = try seconds { () throws in refused = try stack.operations().send("GET", "/readyz") }
            #expect(refused?.status == 503)
            #expect(refused?["Retry-After"] == "1")
            #expect(refused?.text == "not ready: another process has the database's write lock\n")
            #expect((0.9..<3).contains(took))
            #expect(try stack.client().send("GET", "/healthz").status == 200, "it answers all the same")
            let scrape = try Scrape(stack)
            #expect(scrape["jangteo_ready"] == 0)
            #expect(scrape["jangteo_trouble{kind=\"locked\"}"] == 1)
            #expect(scrape["jangteo_trouble{kind=\"damaged\"}"] == 0)
            #expect(scrape["jangteo_http_requests_total{route=\"/readyz\",method=\"GET\",status=\"503\"}"] == 1)
            try other.execute("COMMIT")
            try eventually("it is ready again") { try stack.operations().send("GET", "/readyz").status == 200 }
        }
    }

    @Test func `being asked changes nothing that is sold`() throws {
        try Stack.run { stack throws in
            let dump = { try stack.sql().rows(of: "SELECT name, sql FROM sqlite_schema") }
            let (before, version) = (try dump(), try stack.sql().pragma("user_version"))
            for _ in 0..<3 { #expect(try stack.operations().send("GET", "/readyz").status == 200) }
            #expect(try dump() == before)
            #expect(try stack.sql().pragma("user_version") == version)
            #expect(try stack.auditDifferences() == nil)
        }
    }

    @Test(arguments: ["/metrics", "/readyz"])
    func `the operators' addresses are hidden from customers`(path: String) throws {
        try Stack.run { stack throws in
            let answer = try stack.client().send("GET", path)
            #expect(answer.status == 404)
            #expect(answer["Content-Type"] == "text/html; charset=utf-8", "as any other page that is not there")
            #expect(try stack.client().send("GET", "/healthz").status == 200)
        }
    }

    @Test func `requests are counted by route method and status`() throws {
        try Stack.run { stack throws in
            let admin = try stack.admin()
            let product = try admin.addProduct()
            let customer = stack.customer()
            for _ in 0..<3 { try customer.must(200, customer.get("/products/\(product)")) }
            try customer.must(404, customer.get("/products/999"))
            try customer.charge(1_000)
            let odd = try stack.client().send("BREW", "/coffee/1")
            #expect(odd.status == 404)
            _ = try stack.client().send("HEAD", "/api/v1/products")

            let scrape = try Scrape(stack)
            func requests(_ route: String, _ method: String, _ status: Int) -> Double? {
                scrape["jangteo_http_requests_total{route=\"\(route)\",method=\"\(method)\",status=\"\(status)\"}"]
            }
            #expect(requests("/api/v1/products/:id", "GET", 200) == 3)
            #expect(requests("/api/v1/products/:id", "GET", 404) == 1)
            #expect(requests("/api/v1/balance/charges", "POST", 201) == 1)
            #expect(requests("/api/v1/products", "HEAD", 200) == 1)
            #expect(requests("none", "other", 404) == 1, "what a client makes up is no label")
            for (status, count) in [(200, 3.0), (404, 1)] {
                let labels = "{route=\"/api/v1/products/:id\",status=\"\(status)\"}"
                #expect(scrape["jangteo_http_request_duration_seconds_count\(labels)"] == count)
                let sum = scrape["jangteo_http_request_duration_seconds_sum\(labels)"] ?? 0
                #expect(0 < sum && sum < count)
            }
            #expect(!scrape.text.contains("coffee") && !scrape.text.contains("BREW"))
        }
    }

    @Test func `refusals are counted by code wherever they are answered`() throws {
        try Stack.run { stack throws in
            let coupon = try stack.admin().addCoupon(quantity: 1)
            for number in 0..<3 { _ = try stack.customer(number).post("/coupons/\(coupon)/issue") }
            _ = try stack.customer(0).post("/coupons/\(coupon)/issue")
            let visitor = stack.visitor()
            try visitor.must(401, visitor.get("/balance"))
            _ = try stack.client().send("GET", "/no/page")

            let scrape = try Scrape(stack)
            func refusals(_ code: String) -> Double? { scrape["jangteo_refusals_total{code=\"\(code)\"}"] }
            #expect(refusals("coupon_sold_out") == 2)
            #expect(refusals("coupon_already_issued") == 1)
            #expect(refusals("unauthenticated") == 1)
            #expect(refusals("not_found") == 1)
        }
    }

    @Test func `writes and their commits are counted`() throws {
        try Stack.run { stack throws in
            try atOnce(8) { number in
                for _ in 0..<10 { try stack.customer(number).charge(1_000) }
            }
            let scrape = try Scrape(stack)
            // The scrape itself writes once, for `jangteo_ready`; the view counts may have been written, too.
            #expect((81...90).contains(scrape["jangteo_write_group_size_sum"] ?? 0))
            let groups = try required(scrape["jangteo_write_group_size_count"], "no groups")
            #expect((1...90).contains(groups))
            #expect(scrape["jangteo_commit_duration_seconds_count"] == groups)
            #expect(scrape["jangteo_write_queue_depth"] == 0)
            #expect((scrape["jangteo_wal_frames"] ?? 0) > 0)
            #expect(scrape["jangteo_checkpoint_duration_seconds_count"] == 0)
        }
    }

    @Test func `caches count hits and misses`() throws {
        try Stack.run { stack throws in
            let customer = stack.customer()
            for _ in 0..<5 { try customer.must(200, customer.get("/balance")) }
            for _ in 0..<4 { try customer.must(200, customer.get("/products?limit=3")) }
            let scrape = try Scrape(stack)
            #expect(scrape["jangteo_cache_hits_total{cache=\"sessions\"}"] == 4)
            #expect(scrape["jangteo_cache_misses_total{cache=\"sessions\"}"] == 1)
            #expect(scrape["jangteo_cache_hits_total{cache=\"lists\"}"] == 3)
            #expect(scrape["jangteo_cache_misses_total{cache=\"lists\"}"] == 1)
            #expect(scrape["jangteo_cache_hits_total{cache=\"pages\"}"] == 0)
        }
    }

    @Test func `threads are busy kept or waiting`() throws {
        try Stack.run({ $0.environment = ["JANGTEO_THREADS": "8"] }) { stack throws in
            let direct = try (0..<2).map { _ in try stack.fastCGI() }
            for client in direct { #expect(try client.send("GET", "/healthz").status == 200) }
            let scrape = try Scrape(stack)
            #expect(scrape["jangteo_workers{state=\"busy\"}"] == 1, "the one that answers this")
            #expect(scrape["jangteo_workers{state=\"kept\"}"] == 2)
            #expect(scrape["jangteo_workers{state=\"waiting\"}"] == 7)
            withExtendedLifetime(direct) {}
        }
    }

    @Test func `the batch and the backup have their age as a metric`() throws {
        let backups = try TemporaryFolder()
        try Stack.run({ $0.environment = ["JANGTEO_BACKUPS": backups.path] }) { stack throws in
            var scrape = try Scrape(stack)
            #expect(scrape["jangteo_popular_age_seconds"] == .infinity)
            #expect(scrape["jangteo_backup_age_seconds"] == .infinity)

            #expect(try stack.jangteo("popular").status == 0)
            try write(Date(timeIntervalSinceNow: -7_200).formatted(.iso8601) + "\n", to: backups("last-good"))
            scrape = try Scrape(stack)
            #expect((0..<60).contains(scrape["jangteo_popular_age_seconds"] ?? -1))
            #expect((7_200..<7_260).contains(scrape["jangteo_backup_age_seconds"] ?? -1))
            #expect(scrape["jangteo_backup_failed"] == 0)
            try write("x\n", to: backups("last-failed"))
            #expect(try Scrape(stack)["jangteo_backup_failed"] == 1)

            try write("yesterday\n", to: backups("last-good"))
            #expect(try Scrape(stack)["jangteo_backup_age_seconds"] == .infinity)
        }
    }

    @Test func `the process has the metrics that Prometheus gives every process`() throws {
        try Stack.run { stack throws in
            let before = try Scrape(stack)
            let files = try FileManager.default.contentsOfDirectory(atPath: "/proc/\(stack.responder.pid)/fd").count
            let (resident, virtual) = (
                before["process_resident_memory_bytes"] ?? 0, before["process_virtual_memory_bytes"] ?? 0
            )
            #expect(1_000_000 < resident && resident < virtual)
            // The scrape itself, and what another thread has open for a moment.
            let open = before["process_open_fds"] ?? 0
            #expect(abs(open - Double(files)) < 10, "\(open) of \(files)")
            #expect((before["process_max_fds"] ?? 0) >= open)
            let age = Date().timeIntervalSince1970 - (before["process_start_time_seconds"] ?? 0)
            #expect(age > -1 && age < 3_600)
            try eventually("it takes time of the processor") {
                try Scrape(stack)["process_cpu_seconds_total"] ?? 0 > before["process_cpu_seconds_total"] ?? .infinity
            }
        }
    }

    @Test func `the program, its schema and its disk have metrics`() throws {
        try Stack.run { stack throws in
            let scrape = try Scrape(stack)
            let version = try Jangteo.mustRun(["--version"]).trimmingCharacters(in: .whitespacesAndNewlines)
            let schema = try stack.sql().pragma("user_version")
            #expect(scrape["jangteo_build_info{version=\"\(version)\",schema=\"\(schema)\"}"] == 1)
            let (free, size) = (scrape["jangteo_disk_free_bytes"] ?? 0, scrape["jangteo_disk_size_bytes"] ?? 0)
            #expect(0 < free && free < size)
            #expect(scrape["jangteo_hashing_queue_depth"] == 0)
            #expect(scrape["jangteo_backup_age_seconds"] == nil, "where no backups are made there is none that is old")
            let mediaType = try stack.operations().send("GET", "/metrics")["Content-Type"]
            #expect(mediaType == "text/plain; version=0.0.4; charset=utf-8")
        }
    }
}
