/// Whether the bytes are UTF-8.
func isUTF8(_ bytes: Span<UInt8>) -> Bool {
    (try? UTF8Span(validating: bytes)) != nil  // It throws only where they are invalid.
}

extension String {
    /// Decodes UTF-8; nil if the bytes are not valid.
    ///
    /// `String(validating:as:)` does the same, but looks up its generic types at run time: a thousand instructions for
    /// each header field of each request.
    public init?(utf8 bytes: Span<UInt8>) {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }  // As above.
        self.init(copying: text)
    }
}
