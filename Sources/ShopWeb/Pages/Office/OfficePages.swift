import Shop
import Web

/// The staff's pages: what was changed by whom, and who may do what.
struct OfficePages: PageController {
    func addRoutes(to pages: inout PageRoutes) {
        pages.getForStaff(.trace) { visit, staff, _ in try visit.trace(staff) }
        pages.getFileForStaff(.traceFile) { visit, staff in
            try traceFile(visit.request, of: visit.shop.trace(forFileOf: staff), isForPeople: true)
        }
        pages.getForStaff(.roles) { visit, staff, _ in visit.roles(staff) }
    }
}

extension Visit {
    fileprivate func trace(_ staff: Staff) throws -> Response {
        let trace = try shop.trace(for: staff)
        let list = try TraceListInput(request, of: trace, isForPeople: true)
        let query = list.query
        let login = try trace.login(in: query)
        let model = TracePage(
            form: form(query, login), filter: filter(query, login),
            allHref: SitePath.trace().text, isNarrowed: query != TraceQuery(),
            fileHref: SitePath.traceFile(query).text,
            entries: list.entries.items.map { row($0, query) },
            pages: PageLinks(
                first: list.isFirst ? nil : .trace(query),
                next: list.next.map { .trace(query, cursor: $0) }))
        return officePage(model, words(.titleTrace), in: .trace, by: staff)
    }

    /// What the list can be narrowed to. What it is narrowed to already stays.
    private func form(_ query: TraceQuery, _ login: String?) -> TraceForm {
        let kept = [("subject", query.subject?.kind.rawValue), ("subjectId", query.subject.map { String($0.id) })]
        return TraceForm(
            kept: kept.compactMap { name, value in value.map { HiddenField(name: name, value: $0) } },
            login: login ?? "", longestLogin: TraceListInput.longestLogin,
            actions: TraceAction.allCases.map { action in
                StatusChoice(
                    value: action.rawValue,
                    label: words(
                        .traceAction,
                        [
                            "action": .text(wording.name("action", action)),
                            "kind": .text(wording.name("subject", action.subject)),
                        ]), isChosen: action == query.action)
            }, from: query.from?.text ?? "", to: query.to?.text ?? "",
            periods: periods(from: query.from, to: query.to) { days in
                .trace(
                    TraceQuery(
                        by: query.user, login: query.login, of: query.subject, action: query.action,
                        from: days?.lowerBound, to: days?.upperBound))
            })
    }

    /// Whom and what the list is narrowed to; nil for everybody and everything.
    private func filter(_ query: TraceQuery, _ login: String?) -> String? {
        let user = login ?? query.user.map { String($0.value) }
        let parts = [query.subject.map { wording.subject($0) }, user].compactMap(\.self)
        return parts.isEmpty ? nil : parts.joined(separator: " · ")
    }

    private func row(_ entry: TraceEntry, _ query: TraceQuery) -> TraceRow {
        let staff = entry.staff
        let from = [wording.name("way", staff.way), staff.address].filter { !$0.isEmpty }.joined(separator: ", ")
        return TraceRow(
            id: entry.id.value, at: wording.time(entry.at), action: wording.name("action", entry.line.action),
            subject: wording.subject(entry.line.subject),
            subjectHref: SitePath.trace(query.of(entry.line.subject)).text, login: staff.login,
            loginHref: staff.user.map { SitePath.trace(query.by($0)).text },
            role: staff.role.map { wording.name("role", $0) }, from: from,
            changes: entry.line.changes.map { change in
                ChangeRow(
                    field: wording.name("traced", change.field),
                    before: wording.value(change.before, of: change.field).map(wording.named),
                    after: wording.value(change.after, of: change.field).map(wording.named))
            })
    }

    fileprivate func roles(_ staff: Staff) -> Response {
        let roles = Role.allCases.filter(\.isStaff)
        let model = RolesPage(
            mine: staff.role.map { wording.name("role", $0) },
            roles: roles.map { RoleColumn(name: wording.name("role", $0)) },
            permissions: Permission.allCases.map { permission in
                PermissionRow(
                    name: wording.name("permission", permission),
                    cells: roles.map { PermissionCell(isAllowed: $0.permissions.contains(permission)) })
            })
        return officePage(model, words(.titleRoles), in: .roles, by: staff)
    }
}

extension TraceQuery {
    /// The same, narrowed to what was done to this.
    fileprivate func of(_ subject: TraceSubject) -> TraceQuery {
        TraceQuery(by: user, login: login, of: subject, action: action, from: from, to: to)
    }

    /// The same, narrowed to what this one did.
    fileprivate func by(_ user: UserID) -> TraceQuery {
        TraceQuery(by: user, of: subject, action: action, from: from, to: to)
    }
}

extension Wording {
    /// How much of a long text is shown, in characters.
    private static let longestValue = 200

    /// What one of a few things is called.
    func name(_ kind: String, _ value: some RawRepresentable<String>) -> String {
        words.named(kind + "_" + value.rawValue)
    }

    fileprivate func subject(_ subject: TraceSubject) -> String {
        words(.traceSubject, ["kind": .text(name("subject", subject.kind)), "id": .text(String(subject.id))])
    }

    /// A traced value as people read it; nil if there is none.
    func value(_ value: String?, of field: TraceField) -> String? {
        guard let value, !value.isEmpty else { return nil }
        let number = Int64(value)
        switch (field, number) {
        case (.price, let number?), (.amount, let number?), (.minimumOrderAmount, let number?),
            (.discount, let number?), (.balance, let number?):
            return words.won(Won(number))
        case (.opensAt, let number?), (.closesAt, let number?): return text(Timestamp(milliseconds: number))
        case (_, let number?)
        where ![.name, .login, .description, .sku, .text, .items, .note, .explanation].contains(field):
            return words.number(number)
        case (.listed, _), (.returnedToStock, _): return words(value == "true" ? .yes : .no)
        case (.reason, _): return StockReason(rawValue: value).map { name("reason", $0) } ?? value
        case (.role, _): return Role(rawValue: value).map { name("role", $0) } ?? value
        case (.status, _): return Order.Status(rawValue: value).map { status($0) } ?? value
        default:
            let shown = String(value.prefix(Self.longestValue))
            return shown.utf8.count < value.utf8.count ? shown + "…" : shown
        }
    }
}
