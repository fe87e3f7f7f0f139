import Shop
import Web

extension JSONWriter {
    mutating func member(_ name: StaticString, _ time: Timestamp) { member(name, DateTime.text(time)) }

    mutating func member(_ name: StaticString, _ time: Timestamp?) {
        if let time { member(name, time) } else { null(name) }
    }

    mutating func member(_ name: StaticString, _ won: Won) { member(name, won.amount) }

    mutating func member<Entity>(_ name: StaticString, _ id: ID<Entity>) { member(name, id.value) }

    mutating func member<Entity>(_ name: StaticString, _ id: ID<Entity>?) {
        if let id { member(name, id.value) } else { null(name) }
    }
}

extension JSONWriter {
    mutating func optional(_ name: StaticString, _ text: String?) {
        if let text { member(name, text) } else { null(name) }
    }
}

extension JSONFields {
    /// A required amount of money. Where any amount is accepted here, the policy has the last word.
    func won(_ name: String, in range: ClosedRange<Won> = Won(.min)...Won(.max)) -> Won {
        Won(integer(name, in: range.lowerBound.amount...range.upperBound.amount))
    }
}
