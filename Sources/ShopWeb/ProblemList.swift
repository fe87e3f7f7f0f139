import HTTPTypes
import Shop
import Web

// The one list of everything that can be refused: its status, its code and its words.

extension Problem {
    /// An error as the client sees it; nil for an internal one.
    init?(_ error: any Error) {
        switch error {
        case let error as ShopError: self.init(error)
        case let error as RequestError: self.init(error)
        case let error as ValidationError: self.init(error)
        case let error as UnavailableError: self.init(error)
        case let error as RefusedOrders: self.init(error)
        default: return nil
        }
    }

    static var internalError: Problem {
        Problem(.internalServerError, "internal_error", .refusedInternalError, detail: Phrase(.detailInternalError))
    }

    init(_ error: UnavailableError) {
        if error.isOutcomeKnown {
            self.init(.serviceUnavailable, "unavailable", .refusedUnavailable, detail: Phrase(.detailUnavailable))
        } else {
            self.init(.serviceUnavailable, "unavailable", .titleOutcomeUnknown, detail: Phrase(.detailOutcomeUnknown))
            isOutcomeKnown = false
        }
        retryAfterSeconds = error.retryAfterSeconds
    }

    init(_ error: RefusedOrders) {
        self.init(.conflict, "orders_refused", .refusedOrdersRefused, detail: Phrase(.detailOrdersRefused))
        orders = error.reasons.map { ($0.order, Problem($0.error)) }
    }

    init(_ error: ValidationError) {
        self.init(.unprocessableContent, "validation_failed", .refusedValidationFailed)
        errors = error.errors
    }

    init(_ error: RequestError) {
        switch error {
        case .malformed:
            self.init(.badRequest, "malformed_request", .refusedMalformedRequest)
        case .notFound:
            self.init(.notFound, "not_found", .refusedNotFound)
        case .methodNotAllowed(let methods):
            self.init(.methodNotAllowed, "method_not_allowed", .refusedMethodNotAllowed)
            allowed = methods
        case .payloadTooLarge:
            self.init(.contentTooLarge, "payload_too_large", .refusedPayloadTooLarge)
        case .targetTooLong:
            self.init(.uriTooLong, "uri_too_long", .refusedUriTooLong)
        case .unsupportedMediaType:
            self.init(
                .unsupportedMediaType, "unsupported_media_type", .refusedUnsupportedMediaType,
                detail: Phrase(.detailUnsupportedMediaType))
        }
    }

    init(_ error: ShopError) {
        switch error {
        // Accounts
        case .unauthenticated:
            self.init(.unauthorized, "unauthenticated", .refusedUnauthenticated)
        case .forbidden:
            self.init(.forbidden, "forbidden", .refusedForbidden)
        case .loginTaken:
            self.init(.conflict, "login_taken", .refusedLoginTaken)
        case .invalidCredentials:
            self.init(.unauthorized, "invalid_credentials", .refusedInvalidCredentials)
        case .tooManyAttempts(let seconds):
            self.init(
                .tooManyRequests, "too_many_attempts", .refusedTooManyAttempts,
                detail: Phrase(.detailTooManyAttempts, ["seconds": .number(Int64(seconds))]))
            retryAfterSeconds = seconds
        case .passwordRequired:
            self.init(
                .forbidden, "password_required", .refusedPasswordRequired, detail: Phrase(.detailPasswordRequired))

        // Second factors
        case .codeRequired:
            self.init(.unauthorized, "code_required", .refusedCodeRequired)
        case .invalidCode:
            self.init(.unauthorized, "invalid_code", .refusedInvalidCode, detail: Phrase(.detailInvalidCode))
        case .secondFactorRequired:
            self.init(.forbidden, "second_factor_required", .refusedSecondFactorRequired)
        case .secondFactorNotFound:
            self.init(.notFound, "second_factor_not_found", .refusedSecondFactorNotFound)
        case .secondFactorNotBegun:
            self.init(.conflict, "second_factor_not_begun", .refusedSecondFactorNotBegun)

        // What staff do with accounts
        case .accountNotFound:
            self.init(.notFound, "account_not_found", .refusedAccountNotFound)
        case .accountClosed:
            self.init(.conflict, "account_closed", .refusedAccountClosed)
        case .staffAccount:
            self.init(.conflict, "staff_account", .refusedStaffAccount)
        case .lastOwner:
            self.init(.conflict, "last_owner", .refusedLastOwner)

        // Balance
        case .correctionNotFound:
            self.init(.notFound, "correction_not_found", .refusedCorrectionNotFound)
        case .correctionNotWaiting:
            self.init(.conflict, "correction_not_waiting", .refusedCorrectionNotWaiting)
        case .correctionNeedsAnother:
            self.init(.conflict, "correction_needs_another", .refusedCorrectionNeedsAnother)
        case .correctionExceedsBalance(let balance):
            self.init(
                .conflict, "correction_exceeds_balance", .refusedCorrectionExceedsBalance,
                detail: Phrase(.detailCorrectionExceedsBalance, ["balance": .won(balance)]))
        case .ownBalance:
            self.init(.conflict, "own_balance", .refusedOwnBalance)
        case .chargeBelowMinimum(let minimum):
            self.init(
                .unprocessableContent, "charge_below_minimum", .refusedChargeBelowMinimum,
                detail: Phrase(.detailChargeBelowMinimum, ["minimum": .won(minimum)]))
        case .chargeAboveMaximum(let maximum):
            self.init(
                .unprocessableContent, "charge_above_maximum", .refusedChargeAboveMaximum,
                detail: Phrase(.detailChargeAboveMaximum, ["maximum": .won(maximum)]))
        case .balanceLimitExceeded(let limit):
            self.init(
                .unprocessableContent, "balance_limit_exceeded", .refusedBalanceLimitExceeded,
                detail: Phrase(.detailBalanceLimitExceeded, ["limit": .won(limit)]))
        case .insufficientBalance(let missing):
            self.init(
                .conflict, "insufficient_balance", .refusedInsufficientBalance,
                detail: Phrase(.detailInsufficientBalance, ["missing": .won(missing)]))

        // Products
        case .productNotFound:
            self.init(.notFound, "product_not_found", .refusedProductNotFound)
        case .outOfStock(let product):
            self.init(
                .conflict, "out_of_stock", .refusedOutOfStock,
                detail: Phrase(.detailOutOfStock, ["product": .text(String(product.value))]))
        case .stockAboveLimit(let limit):
            self.init(ValidationError("stockChange", .above(limit)))
        case .productChanged:
            self.init(
                .conflict, "product_changed", .refusedProductChanged, detail: Phrase(.detailProductChanged))
        case .skuTaken(let product):
            self.init(
                .conflict, "sku_taken", .refusedSKUTaken,
                detail: Phrase(.detailSKUTaken, ["product": .text(String(product.value))]))

        case .productFileRefused(.tooLarge):
            self.init(
                .contentTooLarge, "product_file_too_large", .refusedProductFileTooLarge,
                detail: ProductFileFlaw.tooLarge.phrase)
        case .productFileRefused(let flaw):
            self.init(
                .unprocessableContent, "product_file_refused", .refusedProductFileRefused, detail: flaw.phrase)
        case .importNotFound:
            self.init(.notFound, "import_not_found", .refusedImportNotFound)

        // Basket
        case .basketFull(let most):
            self.init(
                .conflict, "basket_full", .refusedBasketFull,
                detail: Phrase(.detailBasketFull, ["most": .number(Int64(most))]))
        case .tooManyOfOne(let most):
            self.init(
                .conflict, "too_many_of_one", .refusedTooManyOfOne,
                detail: Phrase(.detailTooManyOfOne, ["most": .number(most)]))
        case .basketEmpty:
            self.init(.conflict, "basket_empty", .refusedBasketEmpty)
        case .basketChanged:
            self.init(.conflict, "basket_changed", .refusedBasketChanged, detail: Phrase(.detailBasketChanged))

        // Pictures
        case .pictureRefused(let flaw):
            self.init(flaw)
        case .tooManyPictures(let most):
            self.init(
                .conflict, "too_many_pictures", .refusedTooManyPictures,
                detail: Phrase(.detailTooManyPictures, ["most": .number(Int64(most))]))
        case .pictureNotFound:
            self.init(.notFound, "picture_not_found", .refusedPictureNotFound)

        // Coupons
        case .couponNotFound:
            self.init(.notFound, "coupon_not_found", .refusedCouponNotFound)
        case .couponAlreadyIssued:
            self.init(.conflict, "coupon_already_issued", .refusedCouponAlreadyIssued)
        case .couponSoldOut:
            self.init(.conflict, "coupon_sold_out", .refusedCouponSoldOut)
        case .couponNotOpen:
            self.init(.conflict, "coupon_not_open", .refusedCouponNotOpen)
        case .couponClosed:
            self.init(.conflict, "coupon_closed", .refusedCouponClosed)
        case .userCouponNotFound:
            self.init(.notFound, "user_coupon_not_found", .refusedUserCouponNotFound)
        case .couponNotUsable:
            self.init(.conflict, "coupon_not_usable", .refusedCouponNotUsable, detail: Phrase(.detailCouponNotUsable))
        case .couponMinimumNotMet(let minimum):
            self.init(
                .unprocessableContent, "coupon_minimum_not_met", .refusedCouponMinimumNotMet,
                detail: Phrase(.detailCouponMinimumNotMet, ["minimum": .won(minimum)]))

        // Orders and payments
        case .orderNotFound:
            self.init(.notFound, "order_not_found", .refusedOrderNotFound)
        case .orderNotPending:
            self.init(.conflict, "order_not_pending", .refusedOrderNotPending)
        case .orderExpired:
            self.init(.conflict, "order_expired", .refusedOrderExpired)
        case .orderChanged:
            self.init(.conflict, "order_changed", .refusedOrderChanged, detail: Phrase(.detailOrderChanged))
        case .orderNotCompleted:
            self.init(.conflict, "order_not_completed", .refusedOrderNotCompleted)
        case .ownOrder:
            self.init(.conflict, "own_order", .refusedOwnOrder)
        case .refundAboveOrder(let product):
            self.init(
                .conflict, "refund_above_order", .refusedRefundAboveOrder,
                detail: Phrase(.detailRefundAboveOrder, ["product": .text(String(product.value))]))
        case .refundOutdated:
            self.init(
                .conflict, "refund_outdated", .refusedRefundOutdated, detail: Phrase(.detailRefundOutdated))
        case .tooManyPendingOrders(let most):
            self.init(
                .conflict, "too_many_pending_orders", .refusedTooManyPendingOrders,
                detail: Phrase(.detailTooManyPendingOrders, ["most": .number(Int64(most))]))
        case .paymentNotFound:
            self.init(.notFound, "payment_not_found", .refusedPaymentNotFound)

        case .idempotencyKeyReused:
            self.init(.unprocessableContent, "idempotency_key_reused", .refusedIdempotencyKeyReused)
        }
    }
}

extension Problem {
    fileprivate init(_ flaw: PictureFlaw) {
        switch flaw {
        case .unknown:
            self.init(
                .unprocessableContent, "picture_unknown", .refusedPictureUnknown, detail: Phrase(.detailPictureUnknown))
        case .tooLarge:
            self.init(
                .contentTooLarge, "picture_too_large", .refusedPictureTooLarge,
                detail: Phrase(.detailPictureTooLarge, ["most": .number(Int64(PictureFlaw.mostBytes >> 20))]))
        case .tooManyPixels:
            self.init(
                .unprocessableContent, "picture_too_many_pixels", .refusedPictureTooManyPixels,
                detail: Phrase(
                    .detailPictureTooManyPixels,
                    [
                        "most": .number(Int64(PictureFlaw.mostPixels)), "side": .number(Int64(PictureFlaw.longestSide)),
                    ]))
        case .moving:
            self.init(
                .unprocessableContent, "picture_moving", .refusedPictureMoving, detail: Phrase(.detailPictureMoving))
        case .damaged:
            self.init(
                .unprocessableContent, "picture_damaged", .refusedPictureDamaged, detail: Phrase(.detailPictureDamaged))
        }
    }
}

extension FieldError.Issue {
    /// What is wrong with a new password; nil if nothing is.
    init?(_ password: String, of login: String) {
        switch PasswordRule.violation(in: password, of: login) {
        case .common: self = .commonPassword
        case .login: self = .loginAsPassword
        case nil: return nil
        }
    }

    var phrase: Phrase {
        switch self {
        case .missing: Phrase(.issueMissing)
        case .unknown: Phrase(.issueUnknown)
        case .repeated: Phrase(.issueRepeated)
        case .type(let type): Phrase(.issueType, ["type": .word(Self.word(type))])
        case .below(let least): Phrase(.issueBelow, ["least": .number(least)])
        case .above(let most): Phrase(.issueAbove, ["most": .number(most)])
        case .shorter(let least): Phrase(.issueShorter, ["least": .number(Int64(least))])
        case .longer(let most): Phrase(.issueLonger, ["most": .number(Int64(most))])
        case .fewer(let least): Phrase(.issueFewer, ["least": .number(Int64(least))])
        case .more(let most): Phrase(.issueMore, ["most": .number(Int64(most))])
        case .choice(let choices): Phrase(.issueChoice, ["choices": .text(choices.joined(separator: ", "))])
        case .encoding: Phrase(.issueEncoding)
        case .characters: Phrase(.issueCharacters)
        case .cursor: Phrase(.issueCursor)
        case .commonPassword: Phrase(.issueCommonPassword)
        case .loginAsPassword: Phrase(.issueLoginAsPassword)
        case .after(let field): Phrase(.issueAfter, ["field": .text(field)])
        }
    }

    private static func word(_ type: String) -> WordKey {
        switch type {
        case "integer": .typeInteger
        case "string": .typeString
        case "boolean": .typeBoolean
        case "array": .typeArray
        case "time": .typeTime
        case "date": .typeDate
        default: .typeObject
        }
    }
}
