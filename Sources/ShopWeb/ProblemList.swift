import HTTPTypes
import Shop
import Web

// The one list of everything that can be refused: its status, its code and its words in both languages.

extension Problem {
    /// What an error thrown on the way is to the client; nil for one that is nobody's business but ours.
    init?(_ error: any Error) {
        switch error {
        case let error as ShopError: self.init(error)
        case let error as RequestError: self.init(error)
        case let error as ValidationError: self.init(error)
        case let error as Unavailable: self.init(error)
        default: return nil
        }
    }

    static var internalError: Problem {
        Problem(
            .internalServerError, "internal_error", "문제가 생겼습니다", "Something went wrong",
            detail: Words(
                "바뀐 것은 없습니다. 운영자에게 요청 번호를 알려 주세요.",
                "Nothing was changed. Please tell the operator the request's id."))
    }

    init(_ error: Unavailable) {
        self.init(
            .serviceUnavailable, "unavailable", "지금은 처리할 수 없습니다", "The shop cannot do this right now",
            detail: Words("바뀐 것은 없습니다. 잠시 뒤에 다시 시도해 주세요.", "Nothing was changed. Please try again shortly."))
        retryAfterSeconds = error.retryAfterSeconds
    }

    init(_ error: ValidationError) {
        self.init(.unprocessableContent, "validation_failed", "입력한 내용이 올바르지 않습니다", "The input is not valid")
        errors = error.errors
    }

    init(_ error: RequestError) {
        switch error {
        case .malformed:
            self.init(.badRequest, "malformed_request", "요청을 읽을 수 없습니다", "The request cannot be read")
        case .notFound:
            self.init(.notFound, "not_found", "찾을 수 없습니다", "There is nothing here")
        case .methodNotAllowed(let methods):
            self.init(
                .methodNotAllowed, "method_not_allowed", "이 주소에는 쓸 수 없는 방법입니다", "This address does not take that method"
            )
            allowed = methods
        case .payloadTooLarge:
            self.init(.contentTooLarge, "payload_too_large", "보낸 내용이 너무 큽니다", "What was sent is too large")
        case .targetTooLong:
            self.init(.uriTooLong, "uri_too_long", "주소가 너무 깁니다", "The address is too long")
        case .unsupportedMediaType:
            self.init(
                .unsupportedMediaType, "unsupported_media_type", "이 형식은 받지 않습니다", "This media type is not taken here",
                detail: Words("JSON을 보내 주세요.", "Please send JSON."))
        }
    }

    init(_ error: ShopError) {
        switch error {
        // Accounts
        case .unauthenticated:
            self.init(.unauthorized, "unauthenticated", "로그인이 필요합니다", "Please log in")
        case .forbidden:
            self.init(.forbidden, "forbidden", "권한이 없습니다", "You may not do this")
        case .loginTaken:
            self.init(.conflict, "login_taken", "이미 쓰이는 아이디입니다", "This login is taken")
        case .invalidCredentials:
            self.init(
                .unauthorized, "invalid_credentials", "아이디 또는 비밀번호가 맞지 않습니다", "The login or the password is wrong")
        case .tooManyAttempts(let seconds):
            self.init(
                .tooManyRequests, "too_many_attempts", "로그인 시도가 너무 많습니다", "Too many attempts to log in",
                detail: Words("\(seconds)초 뒤에 다시 시도해 주세요.", "Please try again in \(seconds) seconds."))
            retryAfterSeconds = seconds

        // Balance
        case .chargeBelowMinimum(let minimum):
            self.init(
                .unprocessableContent, "charge_below_minimum", "충전 금액이 너무 적습니다", "The charge is too small",
                detail: Words("한 번에 \(korean(minimum)) 이상 충전할 수 있습니다.", "The minimum is \(english(minimum))."))
        case .chargeAboveMaximum(let maximum):
            self.init(
                .unprocessableContent, "charge_above_maximum", "충전 금액이 너무 많습니다", "The charge is too large",
                detail: Words("한 번에 \(korean(maximum))까지 충전할 수 있습니다.", "The maximum is \(english(maximum))."))
        case .balanceLimitExceeded(let limit):
            self.init(
                .unprocessableContent, "balance_limit_exceeded", "잔액 한도를 넘습니다", "The balance would pass its limit",
                detail: Words("잔액은 \(korean(limit))까지 둘 수 있습니다.", "The limit is \(english(limit))."))
        case .insufficientBalance(let missing):
            self.init(
                .conflict, "insufficient_balance", "잔액이 부족합니다", "The balance is too small",
                detail: Words("\(korean(missing))이 모자랍니다.", "\(english(missing)) are missing."))

        // Products
        case .productNotFound:
            self.init(.notFound, "product_not_found", "상품을 찾을 수 없습니다", "There is no such product")
        case .outOfStock(let product):
            self.init(
                .conflict, "out_of_stock", "재고가 부족합니다", "There is not enough in stock",
                detail: Words("상품 번호 \(product.value)", "Product \(product.value)"))
        case .stockAboveLimit(let limit):
            self.init(ValidationError("stockChange", .above(limit)))

        // Basket
        case .basketFull(let most):
            self.init(
                .conflict, "basket_full", "장바구니가 가득 찼습니다", "The basket is full",
                detail: Words("\(most)가지 상품까지 담을 수 있습니다.", "It takes up to \(most) different products."))
        case .tooManyOfOne(let most):
            self.init(
                .conflict, "too_many_of_one", "한 상품을 너무 많이 담았습니다", "That is too many of one product",
                detail: Words("한 상품은 \(most)개까지 담을 수 있습니다.", "A basket takes up to \(most) of each."))
        case .basketEmpty:
            self.init(.conflict, "basket_empty", "장바구니가 비어 있습니다", "The basket is empty")
        case .basketChanged:
            self.init(
                .conflict, "basket_changed", "그사이 장바구니의 내용이나 가격이 바뀌었습니다", "The basket or a price has changed meanwhile",
                detail: Words("확인하고 다시 주문해 주세요.", "Please look at it and order again."))

        // Coupons
        case .couponNotFound:
            self.init(.notFound, "coupon_not_found", "쿠폰을 찾을 수 없습니다", "There is no such coupon")
        case .couponAlreadyIssued:
            self.init(.conflict, "coupon_already_issued", "이미 받은 쿠폰입니다", "You have this coupon already")
        case .couponSoldOut:
            self.init(.conflict, "coupon_sold_out", "쿠폰이 모두 소진되었습니다", "All of these coupons are gone")
        case .couponNotOpen:
            self.init(.conflict, "coupon_not_open", "아직 받을 수 없는 쿠폰입니다", "This coupon is not open yet")
        case .couponClosed:
            self.init(.conflict, "coupon_closed", "발급이 끝난 쿠폰입니다", "This coupon is closed")
        case .userCouponNotFound:
            self.init(.notFound, "user_coupon_not_found", "가지고 있지 않은 쿠폰입니다", "You have no such coupon")
        case .couponNotUsable:
            self.init(
                .conflict, "coupon_not_usable", "사용할 수 없는 쿠폰입니다", "This coupon cannot be used",
                detail: Words("이미 썼거나 기간이 지났습니다.", "It is used already, or its time is over."))
        case .couponMinimumNotMet(let minimum):
            self.init(
                .unprocessableContent, "coupon_minimum_not_met", "쿠폰의 최소 주문 금액에 못 미칩니다",
                "The order is too small for this coupon",
                detail: Words(
                    "\(korean(minimum)) 이상 주문할 때 쓸 수 있습니다.", "It is for orders of at least \(english(minimum))."))

        // Orders and payments
        case .orderNotFound:
            self.init(.notFound, "order_not_found", "주문을 찾을 수 없습니다", "There is no such order")
        case .orderNotPending:
            self.init(.conflict, "order_not_pending", "결제 대기 중인 주문이 아닙니다", "This order is not waiting for payment")
        case .orderExpired:
            self.init(.conflict, "order_expired", "결제 기한이 지난 주문입니다", "The time to pay for this order is over")
        case .orderNotCompleted:
            self.init(.conflict, "order_not_completed", "결제가 끝난 주문이 아닙니다", "This order is not a completed one")
        case .paymentNotFound:
            self.init(.notFound, "payment_not_found", "결제 내역이 없습니다", "There is no payment for this order")

        case .idempotencyKeyReused:
            self.init(
                .unprocessableContent, "idempotency_key_reused", "다른 요청에 쓰인 키입니다",
                "This Idempotency-Key belongs to another request")
        }
    }
}

private func korean(_ won: Won) -> String { Money.text(won, .korean) }
private func english(_ won: Won) -> String { Money.text(won, .english) }

extension FieldError.Issue {
    var words: Problem.Words {
        switch self {
        case .missing: Problem.Words("필요한 값입니다.", "This is required.")
        case .unknown: Problem.Words("알 수 없는 항목입니다.", "There is no such field.")
        case .repeated: Problem.Words("한 번만 쓸 수 있습니다.", "This may be given once.")
        case .type(let type): Problem.Words("\(koreanType(type)) 값이어야 합니다.", "This has to be of the type \(type).")
        case .below(let least): Problem.Words("\(least) 이상이어야 합니다.", "This has to be at least \(least).")
        case .above(let most): Problem.Words("\(most) 이하여야 합니다.", "This may be at most \(most).")
        case .shorter(let least):
            Problem.Words("\(least)자 이상이어야 합니다.", "This has to have at least \(least) characters.")
        case .longer(let most): Problem.Words("\(most)자 이하여야 합니다.", "This may have at most \(most) characters.")
        case .fewer(let least): Problem.Words("\(least)개 이상이어야 합니다.", "There have to be at least \(least).")
        case .more(let most): Problem.Words("\(most)개 이하여야 합니다.", "There may be at most \(most).")
        case .choice(let choices):
            Problem.Words(
                "다음 가운데 하나여야 합니다: \(choices.joined(separator: ", "))",
                "This has to be one of: \(choices.joined(separator: ", "))")
        case .encoding: Problem.Words("올바르게 인코딩되지 않았습니다.", "This is not encoded properly.")
        case .characters: Problem.Words("쓸 수 없는 글자가 있습니다.", "There are characters that may not stand here.")
        case .cursor: Problem.Words("이 목록의 커서가 아닙니다.", "This is no cursor of this list.")
        case .after(let field): Problem.Words("\(field)보다 뒤여야 합니다.", "This has to come after \(field).")
        }
    }

    private func koreanType(_ type: String) -> String {
        switch type {
        case "integer": "정수"
        case "string": "문자열"
        case "boolean": "참·거짓"
        case "array": "배열"
        case "time": "시각(RFC 3339)"
        default: "객체"
        }
    }
}
