import Crypto
import CryptoExtras

/// Passwords, hashed with scrypt and kept as PHC strings: `$scrypt$ln=14,r=8,p=5$salt$hash`.
public struct PasswordHasher: Sendable {
    /// The cost of one hash. A hash is checked at the cost it was made with, so the cost can be changed at any time.
    public struct Cost: Sendable, Equatable {
        /// The base-2 logarithm of N.
        public var logN = 14
        public var blockSize = 8
        public var parallelism = 5

        public init(logN: Int = 14, blockSize: Int = 8, parallelism: Int = 5) {
            self.logN = logN
            self.blockSize = blockSize
            self.parallelism = parallelism
        }
    }

    private static let saltBytes = 16
    private static let hashBytes = 32

    let cost: Cost

    public init(cost: Cost = Cost()) { self.cost = cost }

    /// Hashes a password with a new salt. Takes a fifth of a second on one core at the default cost.
    public func hash(_ password: String) throws -> String {
        var generator = SystemRandomNumberGenerator()
        let salt = (0..<Self.saltBytes).map { _ in UInt8.random(in: .min ... .max, using: &generator) }
        let hash = try derive(password, salt, cost)
        let parameters = "ln=\(cost.logN),r=\(cost.blockSize),p=\(cost.parallelism)"
        return "$scrypt$\(parameters)$\(Base64.encode(salt))$\(Base64.encode(hash))"
    }

    /// Whether the password matches. Without a hash to compare with, it takes just as long and returns false.
    public func verify(_ password: String, _ phc: String?) throws -> Bool {
        guard let phc, let (cost, salt, expected) = Self.parse(phc) else {
            _ = try derive(password, [UInt8](repeating: 0, count: Self.saltBytes), cost)
            return false
        }
        return try derive(password, salt, cost).isSameInConstantTime(as: expected)
    }

    private func derive(_ password: String, _ salt: [UInt8], _ cost: Cost) throws -> [UInt8] {
        let key = try KDF.Scrypt.deriveKey(
            from: Array(password.utf8), salt: salt, outputByteCount: Self.hashBytes, rounds: 1 << cost.logN,
            blockSize: cost.blockSize, parallelism: cost.parallelism)
        return key.withUnsafeBytes { Array($0) }
    }

    private static func parse(_ phc: String) -> (Cost, salt: [UInt8], hash: [UInt8])? {
        let parts = phc.split(separator: "$")
        guard parts.count == 4, parts[0] == "scrypt", let salt = Base64.decode(parts[2]),
            let hash = Base64.decode(parts[3])
        else { return nil }
        var cost = Cost()
        for parameter in parts[1].split(separator: ",") {
            let pair = parameter.split(separator: "=")
            guard pair.count == 2, let value = Int(pair[1]) else { return nil }
            switch pair[0] {
            case "ln": cost.logN = value
            case "r": cost.blockSize = value
            case "p": cost.parallelism = value
            default: return nil
            }
        }
        return (cost, salt, hash)
    }
}
