extension Substring {
    /// Without the white space allowed around the parts of a field's value (RFC 9110, 5.6.3).
    public func trimmingSpaces() -> Substring {
        let isSpace = { (character: Character) in character == " " || character == "\t" }
        var rest = drop(while: isSpace)
        while let last = rest.last, isSpace(last) { rest.removeLast() }
        return rest
    }
}
