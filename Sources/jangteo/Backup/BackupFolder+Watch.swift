import Shop
import ShopStore

extension BackupWatch {
    /// Looks into the folder of the nightly backups; "" for none.
    init(folder path: String) {
        guard !path.isEmpty else {
            self = .off
            return
        }
        self.init {
            guard let last = BackupFolder(path: path).lastGood else { return .never }
            return .at(Timestamp(milliseconds: Int64(last.seconds) * 1_000))
        }
    }
}
