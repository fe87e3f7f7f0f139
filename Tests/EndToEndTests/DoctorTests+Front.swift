import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// What stands between the customers and the shop: nginx, its socket, its connections, its log.
extension DoctorTests {
    @Test func `sockets that nginx cannot use are found`() throws {
        try withHealthyShop { stack in
            chmod(stack.socket, 0o666)
            try finds("everybody on this machine can connect", "socket", stack)
            chmod(stack.socket, 0o660)
            try finds(nothing: "socket", stack)

            let configuration = try text(stack.folder("nginx.conf"))
            try write("user nobody;\n" + configuration, to: stack.folder("nginx.conf"))
            try finds("nginx runs as nobody, which \(stack.folder.path) does not let through", "socket", stack)
            chmod(stack.folder.path, 0o711)
            try finds("nginx runs as nobody, which \(stack.socket) does not let through", "socket", stack)
            try write("user root;\n" + configuration, to: stack.folder("nginx.conf"))
            try finds(nothing: "socket", stack)

            try stack.responder.end()
            try finds("nobody listens on", "socket", stack)
            unlink(stack.socket)
            try finds("there is no socket at", "socket", stack)
            try write("", to: stack.socket)
            try finds("is no socket", "socket", stack)
        }
    }

    @Test func `connections descriptors and threads fit together`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            try finds(nothing: "connections", stack)
            let threads = ["JANGTEO_THREADS": "64"]
            func have(_ connections: Int, _ descriptors: String) throws {
                try write(
                    "\(descriptors) worker_processes 2; events { worker_connections \(connections); }",
                    to: stack.folder("nginx.conf"))
            }
            try have(768, "")
            try finds(nothing: "connections", stack, environment: threads)
            try have(60, "")
            try finds("nginx has 120 connections", "connections", stack, environment: threads)
            try have(1_000, "")
            try finds("only 1024 files open: raise worker_rlimit_nofile", "connections", stack, environment: threads)
            try have(1_000, "worker_rlimit_nofile 2000;")
            try finds(nothing: "connections", stack, environment: threads)
            let upstream = "http { upstream shop { server unix:\(stack.socket) max_conns=9; keepalive 2049; } }"
            try write(
                "worker_processes 2; events { worker_connections 400; } \(upstream)", to: stack.folder("nginx.conf"))
            try finds(
                "keep up to 4098 connections, and the shop has 8192 at most", "connections", stack,
                environment: threads)
        }
    }

    @Test func `all requests from one address are found`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            func logged(_ address: String, target: String = "/products", agent: String = "a", ago: Double = 60)
                -> String
            {
                let format = Date.ISO8601FormatStyle(timeZone: TimeZone(secondsFromGMT: -34_200) ?? .gmt)
                    .year().month().day().time(includingFractionalSeconds: false).timeZone(separator: .colon)
                return """
                    {"time":"\(Date(timeIntervalSinceNow: -ago).formatted(format))","request":"4f","address":"\(address)",\
                    "method":"GET","target":"\(target)","status":200,"bytes":1,"seconds":0.1,"upstream":"","agent":"\(agent)"}

                    """
            }
            func log(_ lines: String...) throws { try write(lines.joined(), to: stack.folder("access.log")) }
            func many(_ line: String, _ count: Int = 100) -> String { String(repeating: line, count: count) }
            let proxied = many(logged("10.0.0.5"))

            try finds(nothing: "addresses", stack)
            try log(
                logged("192.0.2.1", ago: 3_700), "no line of ours\n", proxied, logged("192.0.2.1", target: "/healthz"))
            try finds(
                "all of the last 100 requests came from 10.0.0.5: if that is a proxy, name it", "addresses", stack)
            // Few or old requests prove nothing; neither does one address if there is another.
            try log(many(logged("10.0.0.5"), 99))
            try finds(nothing: "addresses", stack)
            try log(many(logged("10.0.0.5", ago: 3_700)))
            try finds(nothing: "addresses", stack)
            try log(logged("192.0.2.1"), proxied)
            try finds(nothing: "addresses", stack)
            // A program on this machine is no proxy; a proxy on it sends people with browsers of all kinds.
            let local = many(logged("127.0.0.1"))
            try log(local)
            try finds(nothing: "addresses", stack)
            try log(local, logged("127.0.0.1", agent: "b"), logged("127.0.0.1", agent: "c"))
            try finds("all of the last 102 requests came from 127.0.0.1", "addresses", stack)
            // An address that asks endlessly leaves no room for others in what is read.
            try log(many(logged("198.51.100.7", target: "/" + many("x", 1_000)), 5_000))
            try finds(nothing: "addresses", stack)
        }
    }

    @Test func `a configuration of many files is read as nginx reads it`() throws {
        try withHealthyShop({ $0.starts = false }) { stack in
            let main = """
                # keepalive 1; { "
                user www-data; worker_processes 4;
                events { worker_connections 768; }
                http {
                    log_format odd '{"a":"${request_id}"; \\'quoted\\' # no comment }';
                    include \(stack.folder.path)/sites/*;
                    include mime.types.missing;
                    server { location ~ "^/a{2};" { return 200 "}"; } }
                }
                """
            try FileManager.default.createDirectory(atPath: stack.folder("sites"), withIntermediateDirectories: true)
            try write(main, to: stack.folder("nginx.conf"))
            try finds("passes nothing to \(stack.socket): enable the site", "nginx", stack)
            let site = "upstream shop { server unix:\(stack.socket) max_fails=0; keepalive 100; }"
            try write(site, to: stack.folder("sites/shop"))
            try finds(nothing: "nginx", stack)
            let kept = "upstream shop { server unix:\(stack.socket) max_fails=0; keepalive 2000; }"
            try write(kept, to: stack.folder("sites/shop"))
            try finds("up to 8000 connections", "connections", stack)
            try write("include \(stack.folder("sites/shop"));", to: stack.folder("sites/shop"))
            let outcome = try doctor(stack, only: "connections")
            #expect(outcome.status == 1)
            #expect(outcome.output.contains("included too deep"), "\(outcome)")
        }
    }
}
