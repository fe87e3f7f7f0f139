import Foundation
import Shop
import Testing
import Web

@testable import ShopWeb

/// Every refusal has words in both languages.
struct ProblemListTests {
    static let errors: [any Error] =
        [
            ShopError.unauthenticated, .forbidden, .loginTaken, .invalidCredentials,
            .tooManyAttempts(retryAfterSeconds: 60), .passwordRequired,
            .codeRequired, .invalidCode, .secondFactorRequired, .secondFactorNotFound, .secondFactorNotBegun,
            .accountNotFound, .accountClosed, .staffAccount, .lastOwner, .correctionNotFound, .correctionNotWaiting,
            .correctionNeedsAnother, .correctionExceedsBalance(Won(3_000)), .ownBalance,
            .chargeBelowMinimum(Won(1_000)), .chargeAboveMaximum(Won(1_000_000)),
            .balanceLimitExceeded(Won(10_000_000)),
            .insufficientBalance(missing: Won(500)), .productNotFound, .outOfStock(ProductID(12_345)),
            .stockAboveLimit(1_000_000), .productChanged(ProductID(12_345)), .skuTaken(ProductID(12_345)),
            .productFileRefused(.tooLarge), .productFileRefused(.empty), .productFileRefused(.noKey),
            .productFileRefused(.tooManyRows(20_000)), .productFileRefused(.repeatedColumn("sku")),
            .productFileRefused(.encoding(row: 3)), .productFileRefused(.longRow(3)),
            .productFileRefused(.quotes(row: 3)), .importNotFound,
            .tooManyPictures(8), .pictureNotFound, .basketFull(50), .tooManyOfOne(1_000), .basketEmpty, .basketChanged,
            .couponNotFound, .couponAlreadyIssued, .couponSoldOut, .couponNotOpen, .couponClosed, .userCouponNotFound,
            .couponNotUsable, .couponMinimumNotMet(Won(20_000)), .orderNotFound, .orderNotPending, .orderExpired,
            .orderChanged, .orderNotCompleted, .ownOrder, .refundAboveOrder(ProductID(12_345)), .refundOutdated,
            .tooManyPendingOrders(20), .paymentNotFound, .idempotencyKeyReused,
        ] + [RefusedOrders(reasons: [RefusedOrders.Reason(order: OrderID(1), error: .orderNotCompleted)])]
        + PictureFlaw.allCases.map { ShopError.pictureRefused($0) } + [
            RequestError.malformed(""), .notFound, .methodNotAllowed([.get]), .payloadTooLarge, .targetTooLong,
            .unsupportedMediaType,
        ]

    private func words(_ language: Language) throws -> Words {
        try Words(StorefrontTests.original + "/words", language)
    }

    @Test func `no code of the list is left out above`() throws {
        let list = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../Sources/ShopWeb/ProblemList.swift")
        let source = try String(contentsOf: list, encoding: .utf8)
        let codes = Set(source.matches(of: /, "([a-z_]+)", \./).map { String($0.output.1) })
        #expect(codes.count > 30)
        // From errors that are not lists of cases.
        let others: Set = ["validation_failed", "unavailable", "internal_error"]
        #expect(codes == Set(Self.errors.compactMap { Problem($0)?.code.description }).union(others))
    }

    /// A text that still has a placeholder was not given all its values.
    @Test(arguments: Language.allCases, errors.indices)
    func `every refusal gives its words all the values they use`(_ language: Language, _ index: Int) throws {
        let problem = try #require(Problem(Self.errors[index]))
        let words = try words(language)
        #expect(!words(problem.title).contains("{"))
        if let detail = problem.detail { #expect(!words(detail).contains("{"), "\(problem.code)") }
    }

    @Test func `amounts and counts are written as people write them`() throws {
        let limit = try #require(Problem(ShopError.balanceLimitExceeded(Won(10_000_000))).detail)
        #expect(try words(.korean)(limit) == "잔액은 10,000,000원까지 둘 수 있습니다.")
        #expect(try words(.english)(limit) == "The limit is ₩10,000,000.")
        let product = try #require(Problem(ShopError.outOfStock(ProductID(12_345))).detail)
        #expect(try words(.english)(product) == "Product 12345")
    }

    @Test(arguments: [
        (FieldError.Issue.missing, "필요한 값입니다.", "This is required."),
        (.type("integer"), "정수 값이어야 합니다.", "This has to be of type integer."),
        (.type("object"), "객체 값이어야 합니다.", "This has to be of type object."),
        (.below(1), "1 이상이어야 합니다.", "This has to be at least 1."),
        (.above(1_000_000), "1,000,000 이하여야 합니다.", "This may be at most 1,000,000."),
        (.shorter(3), "3자 이상이어야 합니다.", "This has to have at least 3 characters."),
        (.longer(64), "64자 이하여야 합니다.", "This may have at most 64 characters."),
        (.fewer(1), "1개 이상이어야 합니다.", "There have to be at least 1."),
        (.more(50), "50개 이하여야 합니다.", "There may be at most 50."),
        (.choice(["a", "b"]), "다음 가운데 하나여야 합니다: a, b", "This has to be one of: a, b"),
        (
            .commonPassword, "많은 사람이 쓰는 비밀번호라 쉽게 알아낼 수 있습니다. 다른 비밀번호를 입력해 주세요.",
            "Many people use this password, so it is easy to guess. Choose another one."
        ),
        (.loginAsPassword, "아이디와 같은 비밀번호는 쓸 수 없습니다.", "The password cannot be the same as the login."),
        (.after("opensAt"), "opensAt보다 뒤여야 합니다.", "This has to come after opensAt."),
    ])
    func `an error at a field names the bounds`(
        _ issue: FieldError.Issue, _ korean: String, _ english: String
    ) throws {
        #expect(try words(.korean)(issue.phrase) == korean)
        #expect(try words(.english)(issue.phrase) == english)
    }
}
