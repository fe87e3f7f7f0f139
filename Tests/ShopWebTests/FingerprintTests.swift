import Shop
import Testing

@testable import ShopWeb

struct FingerprintTests {
    @Test func `a fingerprint depends on where each part of a request ends`() {
        func fingerprint(_ parts: [UInt8]...) -> [UInt8] {
            IdempotencyKey(text: "k", of: parts[0], parts[1]).fingerprint
        }
        #expect(fingerprint([1, 2], [3]) != fingerprint([1], [2, 3]))
        #expect(fingerprint([1, 2], [3]) == fingerprint([1, 2], [3]))
        #expect(fingerprint([1], [2]).count == 32)
    }

    @Test func `fingerprints equal those that shops in use have stored`() {
        let key = IdempotencyKey(
            text: "k", of: Array("POST".utf8), Array("/api/v1/balance/charges".utf8), Array(#"{"amount":1000}"#.utf8))
        let hexadecimal = key.fingerprint.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
        #expect(hexadecimal == "fca83394f62812bd98c2ec4e8129ac4e6e2a160ee7041388747ed7737c784d16")
    }
}
