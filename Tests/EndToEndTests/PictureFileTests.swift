import Foundation
import ServerTestSupport
import TestSupport
import Testing

/// The pictures' files: made by a real upload, served by nginx, kept by backups, brought back, and missed.
struct PictureFileTests {
    /// A shop with a product that has a picture.
    private func withPicture(_ test: (Stack, Product) throws -> Void) throws {
        try Stack.run { stack in
            let admin = try stack.admin()
            let id = try admin.addProduct()
            try test(stack, Product(stack: stack, admin: admin, id: id))
        }
    }

    private struct Product {
        let stack: Stack
        let admin: Caller
        let id: Int64

        func send(_ content: [UInt8]) throws -> HTTPAnswer {
            let token = try required(admin.token, "no token")
            return try stack.client().send(
                "POST", "/api/v1/admin/products/\(id)/pictures?text=a",
                ["Authorization": "Bearer \(token)", "Content-Type": "application/octet-stream"], body: content)
        }

        /// Adds a picture and returns the addresses of its files.
        func add(_ content: [UInt8] = drawnPNG(200, 150)) throws -> [String] {
            let answer = try send(content)
            guard answer.status == 201 else { throw Failure("\(answer)") }
            return hrefs(answer.text)
        }

        private func hrefs(_ text: String) -> [String] {
            text.matches(of: /"href":"([^"]*)"/).map { String($0.1) }
        }
    }

    // MARK: In front

    @Test func `nginx serves them for a year, and nothing else of the data`() throws {
        try withPicture { stack, product in
            let addresses = try product.add()
            #expect(addresses.count == 4)
            for address in addresses {
                let answer = try stack.client().send("GET", address)
                #expect(answer.status == 200)
                #expect(answer["Content-Type"] == (address.hasSuffix(".webp") ? "image/webp" : "image/jpeg"))
                #expect(answer["Cache-Control"] == "public, max-age=31536000, immutable")
                #expect(answer["X-Content-Type-Options"] == "nosniff")
            }
            let shelf = addresses[0].prefix { $0 != "-" }.dropLast(62)
            for other in ["/pictures/", "/pictures/lock", "\(shelf)", "\(shelf)..%2f..%2fshop.db", "/shop.db"] {
                #expect(try stack.client().send("GET", other).status == 404, "\(other)")
            }
            #expect(try names(stack.data + "/pictures/new") == [])
        }
    }

    @Test func `a large one is streamed, and one that is too large is refused in words`() throws {
        try withPicture { stack, product in
            let before = try mostResidentBytes(of: stack.responder.pid)
            // Three times as large as any other body may be.
            #expect(try product.add(drawnPNG(2_100, 1_650)).count == 6)
            let answer = try product.send([UInt8](repeating: 0, count: 10 * 1_024 * 1_024 + 1))
            #expect(answer.status == 413 && answer.text.contains("picture_too_large"), "\(answer)")
            // Neither was in memory as a whole.
            #expect(try mostResidentBytes(of: stack.responder.pid) - before < 3 << 20)
            #expect(try names(stack.data + "/pictures/new") == [])
        }
    }

    @Test(arguments: [20, 1_300])
    func `where there is no place for it, that is said, whatever its size`(_ width: Int) throws {
        try withPicture { stack, product in
            try write("no folder", to: stack.data + "/pictures")
            let answer = try product.send(drawnPNG(width, width))
            #expect(answer.status == 503 && answer.text.contains("unavailable"), "\(answer)")
        }
    }

    @Test func `who sends one while pictures are cleared for too long is asked to come back`() throws {
        try withPicture { stack, product in
            _ = try product.add()
            let lock = open(stack.data + "/pictures/lock", O_RDONLY)
            defer { close(lock) }
            #expect(flock(lock, LOCK_EX) == 0)
            let answer = try product.send(drawnPNG(20, 20))
            #expect(answer.status == 503 && answer["Retry-After"] == "5", "\(answer)")
            #expect(flock(lock, LOCK_UN) == 0)
            #expect(try product.add().count == 4)
        }
    }

    @Test func `what decodes them has nothing of the shop's open, and none of its settings`() throws {
        let folder = try TemporaryFolder()
        let script = """
            for file in /proc/$$/fd/*; do readlink $file; done >\(folder("open"))
            env >\(folder("environment"))
            exit 1
            """
        let environment = try makeProgram("vips", script, in: folder)
        try Stack.run({ $0.environment = environment }) { stack in
            let admin = try stack.admin()
            let answer = try Product(stack: stack, admin: admin, id: admin.addProduct()).send(drawnPNG(20, 20))
            #expect(answer.status == 422 && answer.text.contains("picture_damaged"), "\(answer)")
            let open = try text(folder("open")).split(separator: "\n")
            let named = open.filter { !$0.hasPrefix("pipe:") && $0 != "/dev/null" }
            // The picture itself; the others are the script's own.
            let expected = named.allSatisfy {
                $0.contains("/pictures/new/file-") || $0 == folder("bin/vips") || $0 == folder("open")
            }
            #expect(expected, "\(open)")
            #expect(try !text(folder("environment")).contains("JANGTEO"))
        }
    }

    private func mostResidentBytes(of pid: pid_t) throws -> Int {
        let line = try text("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        return try required(line?.split(separator: " ").dropFirst().first.flatMap { Int($0) }, "no VmHWM") << 10
    }

    // MARK: Backups

    @Test func `a backup has them beside it, and a restoration brings them back`() throws {
        try withPicture { stack, product in
            let addresses = try product.add()
            let folder = try TemporaryFolder()
            let outcome = try stack.jangteo("backup", folder("b.db"))
            #expect(outcome.status == 0 && outcome.output.contains("b.db.pictures holds 1 pictures"), "\(outcome)")
            for address in addresses {
                let path = String(address.dropFirst("/pictures/".count))
                #expect(
                    FileManager.default.contentsEqual(
                        atPath: "\(stack.data)/pictures/\(path)", andPath: folder("b.db.pictures/\(path)")))
            }

            let second = folder("second")
            let restored = try Jangteo.run(["restore", folder("b.db"), "--data", second])
            #expect(restored.status == 0 && restored.output.split(separator: "\n").count == 1, "\(restored)")
            for address in addresses { #expect(FileManager.default.fileExists(atPath: second + address)) }

            try FileManager.default.removeItem(atPath: folder("b.db.pictures"))
            let without = try Jangteo.run(["restore", folder("b.db"), "--data", folder("third")])
            #expect(without.status == 0)
            #expect(without.output.contains("1 of 1 pictures are neither here nor beside the backup"), "\(without)")
        }
    }

    @Test func `nightly backups share them, and let go of what none of them names`() throws {
        try withPicture { stack, product in
            let addresses = try product.add()
            let nights = stack.folder("nights")
            func night() throws -> Jangteo.Outcome { try stack.jangteo("backup", "--nightly", nights) }
            #expect(try night().status == 0)
            #expect(addresses.allSatisfy { FileManager.default.fileExists(atPath: nights + $0) })

            // As if the last backup that named it were long ago.
            try stack.sql().execute(
                "DELETE FROM product_pictures; UPDATE pictures SET unused_since = 1; UPDATE products SET picture = NULL"
            )
            for address in addresses {
                let long = [FileAttributeKey.modificationDate: Date(timeIntervalSince1970: 1)]
                try FileManager.default.setAttributes(long, ofItemAtPath: nights + address)
            }
            #expect(try night().status == 0)
            #expect(addresses.allSatisfy { !FileManager.default.fileExists(atPath: nights + $0) })
        }
    }

    @Test func `nightly backups mend what has rotten beside them, and a restoration what has in the shop`() throws {
        try withPicture { stack, product in
            let address = try product.add()[0]
            let nights = stack.folder("nights")
            func night() throws -> Jangteo.Outcome { try stack.jangteo("backup", "--nightly", nights) }
            #expect(try night().status == 0)
            let good = try required(FileManager.default.contents(atPath: nights + address), "no copy")
            try write("cut short", to: nights + address)
            #expect(try night().status == 0)
            #expect(FileManager.default.contents(atPath: nights + address) == good)

            try stack.stopResponder()
            try write(String(repeating: "x", count: good.count), to: stack.data + address)
            let backup = try required(names(nights).first { $0.hasSuffix(".db.gz") }, "no backup")
            let restored = try stack.jangteo("restore", "\(nights)/\(backup)")
            #expect(restored.status == 0 && restored.output.split(separator: "\n").count == 1, "\(restored)")
            #expect(FileManager.default.contents(atPath: stack.data + address) == good)
        }
    }

    @Test(.enabled(if: access("/usr/bin/strace", X_OK) == 0, "there is no strace: not tested"))
    func `a new folder's name is on the disk, too`() throws {
        try withPicture { stack, product in
            _ = try product.add()
            let folder = try TemporaryFolder()
            let copying = try ChildProcess(
                "/usr/bin/strace",
                ["-qq", "-f", "-y", "-e", "trace=fsync", "-o", folder("calls"), Jangteo.path, "backup", folder("b.db")]
                    + ["--data", stack.data],
                output: folder("said"))
            #expect(try copying.wait(seconds: 60) == 0)
            #expect(try text(folder("calls")).contains("<\(folder("b.db.pictures"))>"))
        }
    }

    // MARK: Trouble

    @Test func `a folder that cannot be cleared holds up nothing else of the batch`() throws {
        try withPicture { stack, _ in
            try? FileManager.default.removeItem(atPath: stack.data + "/pictures")
            try write("no folder", to: stack.data + "/pictures")
            let outcome = try stack.jangteo("popular", "--quiet")
            #expect(outcome.status == 1)
            #expect(outcome.errors.contains("all was tidied up but the pictures"), "\(outcome)")
            #expect(try stack.sql().rows(of: "SELECT count(*) FROM trusted_clock") == [["1"]])
        }
    }

    // MARK: Damage

    @Test func `one whose files are gone or changed is found`() throws {
        try withPicture { stack, product in
            func doctor(_ options: String...) throws -> Jangteo.Outcome {
                let others = [
                    "folder", "disk", "fsync", "database", "readers", "nginx", "socket", "connections", "addresses",
                    "libraries", "clock", "popular", "backup", "copies", "backup-disk",
                ].flatMap { ["--skip", $0] }
                return try Jangteo.run(["doctor", "--data", stack.data] + others + options)
            }
            #expect(try doctor().output == "nothing found\n")
            let address = try product.add()[0]
            chmod(stack.data, 0o700)
            #expect(try doctor().output.contains("nginx cannot reach the pictures through \(stack.data): chmod 711"))
            chmod(stack.data, 0o711)
            #expect(try doctor("--deep").output == "nothing found\n")

            try write("other", to: stack.data + address)
            #expect(try doctor().output == "nothing found\n")
            #expect(try doctor("--deep").output.contains("pictures: 1 of 1 pictures are missing or damaged"))

            unlink(stack.data + address)
            #expect(try doctor().output.contains("1 of 1 pictures are missing or damaged"))
            let night = try stack.jangteo("backup", "--nightly", stack.folder("nights"))
            #expect(night.status == 1)
            #expect(night.errors.contains("a backup was made, but not of all pictures"), "\(night)")
            #expect(try names(stack.folder("nights")).contains("last-good"))

            // The same one sent again mends it.
            let other = Product(stack: stack, admin: product.admin, id: try product.admin.addProduct())
            #expect(try other.add()[0] == address)
            #expect(try doctor("--deep").output == "nothing found\n")
        }
    }

    @Test(.enabled(if: getuid() == 0, "only root can give files away: not tested"))
    func `a folder that root has copied back and kept is found, with what to do`() throws {
        try withPicture { stack, product in
            let address = try product.add()[0]
            let pictures = stack.data + "/pictures"
            for folder in [stack.data + address.prefix("/pictures/".count + 2), pictures + "/new", pictures] {
                chown(folder, 65_534, 65_534)
                let outcome = try stack.jangteo("doctor", "--nginx-conf", stack.folder("none"))
                #expect(
                    outcome.output.contains(
                        "\(folder) does not belong to the owner of \(stack.data): chown -R --reference=\(stack.data) "
                            + pictures), "\(outcome)")
                chown(folder, getuid(), getgid())
            }
        }
    }

    @Test func `without the program that makes them the doctor says what to install`() throws {
        try Stack.run({ $0.hasNginx = false }) { stack in
            let outcome = try Jangteo.run(
                ["doctor", "--data", stack.data], environment: ["PATH": stack.folder("nothing")])
            #expect(outcome.output.contains("pictures: there is no program vips"), "\(outcome)")
            #expect(outcome.output.contains("apt-get install libvips-tools"))
        }
    }
}

/// A grey PNG that is not compressed, of a pattern of its size.
private func drawnPNG(_ width: Int, _ height: Int) -> [UInt8] {
    func number(_ value: UInt32) -> [UInt8] { withUnsafeBytes(of: value.bigEndian) { Array($0) } }
    let table = (0..<256).map { byte -> UInt32 in
        var sum = UInt32(byte)
        for _ in 0..<8 { sum = sum & 1 == 1 ? (sum >> 1) ^ 0xedb8_8320 : sum >> 1 }
        return sum
    }
    func chunk(_ name: String, _ content: [UInt8]) -> [UInt8] {
        let body = Array(name.utf8) + content
        var sum = UInt32.max
        for byte in body { sum = table[Int(UInt8(truncatingIfNeeded: sum) ^ byte)] ^ (sum >> 8) }
        return number(UInt32(content.count)) + body + number(~sum)
    }
    var pixels: [UInt8] = []
    for y in 0..<height {
        pixels.append(0)
        for x in 0..<width { pixels.append(UInt8(truncatingIfNeeded: (x * y / 64) ^ x)) }
    }
    var packed: [UInt8] = [0x78, 0x01]
    for start in stride(from: 0, to: pixels.count, by: 0xffff) {
        let piece = pixels[start..<min(pixels.count, start + 0xffff)]
        let length = UInt16(piece.count)
        packed.append(piece.endIndex == pixels.count ? 1 : 0)
        for part in [length, ~length] {
            packed.append(UInt8(part & 255))
            packed.append(UInt8(part >> 8))
        }
        packed += piece
    }
    var (low, high) = (UInt32(1), UInt32(0))
    for byte in pixels {
        low = (low + UInt32(byte)) % 65_521
        high = (high + low) % 65_521
    }
    packed += number(high << 16 | low)
    let header = number(UInt32(width)) + number(UInt32(height)) + [8, 0, 0, 0, 0]
    return [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a] + chunk("IHDR", header) + chunk("IDAT", packed)
        + chunk("IEND", [])
}
