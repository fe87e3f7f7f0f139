import Shop
import Web

/// What the page after a form says about it, once.
enum Notice: Equatable {
    /// The text of a word.
    case word(WordKey)
    /// A charge on the way to somewhere else.
    case charged(EntryID)

    static let loggedOut = Notice.word(.noticeLoggedOut)
    static let passwordChanged = Notice.word(.noticePasswordChanged)
    static let sessionsEnded = Notice.word(.noticeSessionsEnded)
    static let codeTooLate = Notice.word(.noticeCodeTooLate)
    static let recoveryCodeUsed = Notice.word(.noticeRecoveryCodeUsed)
    static let secondFactorRemoved = Notice.word(.noticeSecondFactorRemoved)
    static let addedToBasket = Notice.word(.noticeAddedToBasket)
    static let basketChanged = Notice.word(.noticeBasketChanged)
    static let orderCancelled = Notice.word(.noticeOrderCancelled)
    static let couponChosen = Notice.word(.noticeCouponChosen)
    static let orderedAgain = Notice.word(.noticeOrderedAgain)
    static let orderedAgainInPart = Notice.word(.noticeOrderedAgainInPart)

    static let productAdded = Notice.word(.noticeProductAdded)
    static let productSaved = Notice.word(.noticeProductSaved)
    static let productsSaved = Notice.word(.noticeProductsSaved)
    static let productListed = Notice.word(.noticeProductListed)
    static let productUnlisted = Notice.word(.noticeProductUnlisted)
    static let importApplied = Notice.word(.noticeImportApplied)
    static let importAppliedInPart = Notice.word(.noticeImportAppliedInPart)
    static let importStopped = Notice.word(.noticeImportStopped)
    static let stockChanged = Notice.word(.noticeStockChanged)
    static let nothingSelected = Notice.word(.noticeNothingSelected)
    static let tooManyFound = Notice.word(.noticeTooManyFound)
    static let orderNoted = Notice.word(.noticeOrderNoted)
    static let orderRefunded = Notice.word(.noticeOrderRefunded)
    static let noOrdersSelected = Notice.word(.noticeNoOrdersSelected)
    static let ordersNoted = Notice.word(.noticeOrdersNoted)
    static let ordersRefunded = Notice.word(.noticeOrdersRefunded)
    static let couponAdded = Notice.word(.noticeCouponAdded)
    static let couponClosed = Notice.word(.noticeCouponClosed)

    static let customerLoggedOut = Notice.word(.noticeCustomerLoggedOut)
    static let accountClosed = Notice.word(.noticeAccountClosed)
    static let balanceCorrected = Notice.word(.noticeBalanceCorrected)
    static let correctionAsked = Notice.word(.noticeCorrectionAsked)
    static let correctionRefused = Notice.word(.noticeCorrectionRefused)
    static let staffCreated = Notice.word(.noticeStaffCreated)
    static let roleChanged = Notice.word(.noticeRoleChanged)
    static let passwordSet = Notice.word(.noticePasswordSet)
    static let staffFactorRemoved = Notice.word(.noticeStaffFactorRemoved)

    static let pictureAdded = Notice.word(.noticePictureAdded)
    static let pictureThere = Notice.word(.noticePictureThere)
    static let pictureChanged = Notice.word(.noticePictureChanged)
    static let pictureRemoved = Notice.word(.noticePictureRemoved)

    private static let charge = "charged-"
    private static let prefix = "notice_"

    init?(_ request: Request) {
        guard let value = Cookie.notice.value(in: request) else { return nil }
        self.init(String(value))
    }

    /// Reads what `text` wrote.
    init?(_ text: String) {
        if text.hasPrefix(Self.charge) {
            guard let entry = Int64(text.dropFirst(Self.charge.count)), (1..<Int64.max).contains(entry) else {
                return nil
            }
            self = .charged(EntryID(entry))
        } else if let word = WordKey(rawValue: Self.prefix + text.replacing("-", with: "_")), word != .noticeCharged {
            self = .word(word)
        } else {
            return nil
        }
    }

    /// The form that the cookie carries.
    var text: String {
        switch self {
        case .word(let word): String(word.rawValue.dropFirst(Self.prefix.count)).replacing("_", with: "-")
        case .charged(let entry): Self.charge + String(entry.value)
        }
    }
}
