/// The steps in which figures are added up.
public enum FigureStep: String, Sendable, CaseIterable {
    case hour, day, month, year

    /// The most days that a report in these steps has.
    public var mostDays: Int64 {
        switch self {
        case .hour: 31
        case .day: 366
        case .month, .year: 3_660
        }
    }

    /// The first day of the step after the one that this day is in.
    fileprivate func next(_ day: Day) -> Day {
        switch self {
        case .hour, .day: day + 1
        case .month: day.month(after: 1)
        case .year: day.month(after: 13 - day.date.month)
        }
    }
}

/// Which figures.
public struct FigureQuery: Sendable, Hashable {
    public let days: ClosedRange<Day>
    public let step: FigureStep

    public init(_ days: ClosedRange<Day>, by step: FigureStep) {
        self.days = days
        self.step = step
    }
}

/// The figures of some days, in steps.
public struct FigureReport: Sendable, Equatable {
    /// One step.
    public struct Period: Sendable, Equatable {
        /// In a report by hours, the day that the hour counts to.
        public let days: ClosedRange<Day>
        /// nil in a report of whole days.
        public let hour: Hour?
        public var figures: Figures

        init(_ days: ClosedRange<Day>, hour: Hour? = nil) {
            self.days = days
            self.hour = hour
            figures = Figures()
        }
    }

    public let query: FigureQuery
    public let periods: [Period]
    public let sum: Figures

    /// - Parameter figures: those of the query's hours, the earliest first.
    init(_ query: FigureQuery, _ figures: [HourFigures], _ calendar: ShopCalendar) {
        self.query = query
        var (periods, ends) = Self.periods(query, calendar)
        var sum = Figures()
        var place = 0
        for one in figures {
            while ends[place] <= one.hour { place += 1 }
            periods[place].figures += one.figures
            sum += one.figures
        }
        self.periods = periods
        self.sum = sum
    }

    /// The steps, and the hour after each.
    private static func periods(_ query: FigureQuery, _ calendar: ShopCalendar) -> ([Period], [Hour]) {
        var (periods, ends): ([Period], [Hour]) = ([], [])
        var day = query.days.lowerBound
        while day <= query.days.upperBound {
            let last = min(query.step.next(day) - 1, query.days.upperBound)
            if query.step == .hour {
                let hours = calendar.hours(of: day...day)
                for number in hours.lowerBound.number..<hours.upperBound.number {
                    periods.append(Period(day...day, hour: Hour(number: number)))
                    ends.append(Hour(number: number + 1))
                }
            } else {
                periods.append(Period(day...last))
                ends.append(calendar.firstHour(of: last + 1))
            }
            day = last + 1
        }
        return (periods, ends)
    }
}
