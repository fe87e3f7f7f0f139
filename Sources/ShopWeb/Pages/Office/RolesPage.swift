/// What each role may do.
struct RolesPage: PageModel {
    static let template = PageTemplate.roles

    /// The reader's own role.
    let mine: String?
    let roles: [RoleColumn]
    let permissions: [PermissionRow]

    func child(named name: String) -> Any? {
        switch name {
        case "mine": mine
        case "roles": roles
        case "permissions": permissions
        default: nil
        }
    }
}

/// The heading of a role's column.
struct RoleColumn: TemplateModel {
    let name: String

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        default: nil
        }
    }
}

/// One permission, with a cell for each role.
struct PermissionRow: TemplateModel {
    let name: String
    let cells: [PermissionCell]

    func child(named name: String) -> Any? {
        switch name {
        case "name": self.name
        case "cells": cells
        default: nil
        }
    }
}

/// Whether a role has a permission.
struct PermissionCell: TemplateModel {
    let isAllowed: Bool

    func child(named name: String) -> Any? {
        switch name {
        case "isAllowed": isAllowed
        default: nil
        }
    }
}
