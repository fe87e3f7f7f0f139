/// The files that were given in, to be found again.
extension ProductImports {
    /// The newest first.
    ///
    /// - Parameter before: behind the one with this number; nil for the first page.
    public func list(before: ProductImportID?, limit: Int) throws -> ListPage<ProductImport> {
        try store.read { tx in try tx.imports.list(before: before, limit: limit) }
    }

    /// Checks a file, once however often it is sent. See `check(hash:ignored:_:)`.
    public func check(
        hash: [UInt8], ignored: [String], _ submission: Submission<ProductImport>,
        _ read: ((ProductRow) throws -> Void) throws -> Void
    ) throws -> Receipt {
        let now = clock.now()
        if let kept = try store.read({ tx in try submission.kept(in: tx, at: now, policy) }) { return kept }
        let checked = try check(hash: hash, ignored: ignored, read)
        return try store.write(once: submission, at: now, policy) { _ in checked }
    }
}
