/// Whether the bytes are UTF-8.
func isUTF8(_ bytes: Span<UInt8>) -> Bool {
    (try? UTF8Span(validating: bytes)) != nil  // All that it can throw is where they are not.
}

extension String {
    /// The text that the bytes spell; nil where they are not UTF-8.
    ///
    /// `String(validating:as:)` says the same, but asks for its generic types at run time: a thousand instructions for each
    /// header field of each request.
    public init?(utf8 bytes: Span<UInt8>) {
        guard let text = try? UTF8Span(validating: bytes) else { return nil }  // As above.
        self.init(copying: text)
    }
}
