/// A row of bars with a scale, and the table behind it.
///
/// Drawn in units of its own and stretched to the page's width; all that is written stands beside the drawing.
struct BarChart: TemplateModel {
    /// The place of one bar, in units of the drawing.
    private static let slotWidth = 10
    private static let height = 100

    let title: String
    /// What the drawing shows, for those who do not see it, and beside it.
    let summary: String
    let width: Int
    let bars: [Bar]
    /// What the marks stand for, if there are any.
    let before: String?
    /// The greatest value of the scale, and half of it.
    let top: String
    let half: String
    /// Below the first bar, the middle and the last.
    let ends: [String]
    let table: FigureTable

    /// One bar's value.
    struct Value {
        let name: String
        let amount: Int64
        /// What a mark shows beside it; nil or 0 for no mark.
        let before: Int64?
        /// All of it in words.
        let text: String
    }

    /// - Parameters:
    ///   - axis: what stands below each bar that has room for it; its name for nil.
    ///   - number: writes a value of the scale.
    init(
        _ title: String, _ values: [Value], axis: [String]? = nil, summary: String, before: String? = nil,
        table: FigureTable, number: (Int64) -> String
    ) {
        let scale = Self.scale(values.reduce(0) { max($0, $1.amount, $1.before ?? 0) })
        self.title = title
        self.summary = summary
        self.before = before
        self.table = table
        width = max(1, values.count) * Self.slotWidth
        top = number(scale)
        half = number(scale / 2)
        bars = values.enumerated().map { place, value in
            func drawn(_ amount: Int64) -> Int { Int(amount * Int64(Self.height) / scale) }
            let height = value.amount > 0 ? max(1, drawn(value.amount)) : 0
            return Bar(
                x: place * Self.slotWidth, height: height, y: Self.height - height,
                beforeY: value.before.flatMap { $0 > 0 ? Self.height - drawn($0) : nil }, text: value.text)
        }
        let names = axis ?? values.map(\.name)
        ends = names.count < 3 ? names : [names[0], names[names.count / 2], names[names.count - 1]]
    }

    /// The least number with one digit, and zeros behind it, that no value is above; halves are whole numbers.
    private static func scale(_ greatest: Int64) -> Int64 {
        var unit: Int64 = 1
        while unit * 10 < greatest { unit *= 10 }
        let scale = (greatest + unit - 1) / unit * unit
        return max(2, scale.isMultiple(of: 2) ? scale : scale + unit)
    }

    func child(named name: String) -> Any? {
        switch name {
        case "chartTitle": title
        case "chartSummary": summary
        case "width": width
        case "bars": bars
        case "before": before
        case "top": top
        case "half": half
        case "ends": ends
        case "table": table
        default: nil
        }
    }
}

/// One bar, in units of the drawing.
struct Bar: TemplateModel {
    let x: Int
    let height: Int
    let y: Int
    /// Where the mark is; nil for none.
    let beforeY: Int?
    let text: String

    func child(named name: String) -> Any? {
        switch name {
        case "x": x
        case "barX": x + 1
        case "endX": x + 10
        case "barHeight": height
        case "y": y
        case "beforeY": beforeY
        case "barText": text
        default: nil
        }
    }
}

/// Figures in rows.
struct FigureTable: TemplateModel {
    /// What the rows are.
    let rowName: String
    let columns: [String]
    let rows: [FigureRow]
    /// nil for no row of sums.
    let sums: FigureRow?

    func child(named name: String) -> Any? {
        switch name {
        case "rowName": rowName
        case "columns": columns
        case "figureRows": rows
        case "sums": sums
        default: nil
        }
    }
}

/// One row of figures.
struct FigureRow: TemplateModel {
    let label: String
    /// To the figures of this row alone; nil for none.
    let href: String?
    let cells: [FigureCell]

    func child(named name: String) -> Any? {
        switch name {
        case "rowLabel": label
        case "rowHref": href
        case "cells": cells
        default: nil
        }
    }
}

/// One figure, with its column's name for a small screen.
struct FigureCell: TemplateModel {
    let column: String
    let value: String

    func child(named name: String) -> Any? {
        switch name {
        case "column": column
        case "value": value
        default: nil
        }
    }
}
