import Foundation
import Mustache
import Shop
import Web

/// Why the storefront cannot be used, in one line.
public struct StorefrontError: Error, CustomStringConvertible {
    public let description: String

    init(_ description: String) { self.description = description }
}

/// What pages are made from: templates, words, the addresses of static files, and the format of times. Loaded once.
public struct Storefront: Sendable {
    let templates: MustacheLibrary
    let words: [Language: Words]
    let assets: Assets
    let timeZone: TimeZone

    /// Throws a `StorefrontError` if a template, a word or a file is missing or broken.
    ///
    /// - Parameters:
    ///   - folder: holds the folders `templates`, `words` and `static`.
    ///   - override: a folder of templates that replace those of the same name; nil for none.
    public init(folder: String, overriding override: String?, timeZone name: String) throws {
        guard let zone = TimeZone(identifier: name) else { throw StorefrontError("there is no time zone \(name)") }
        timeZone = zone
        words = try Dictionary(
            uniqueKeysWithValues: Language.allCases.map { ($0, try Words(folder + "/words", $0)) })
        assets = try Assets(folder + "/static")
        templates = try Templates.load(folder + "/templates", overriding: override, words: Array(words.values))
    }

    func words(_ language: Language) -> Words {
        guard let words = words[language] else { preconditionFailure("no words for \(language)") }
        return words
    }
}

extension Storefront {
    /// The names of all files in a folder and below, sorted; none if there is no such folder.
    static func files(_ folder: String) -> [String] {
        let all = FileManager.default.enumerator(atPath: folder)?.compactMap { $0 as? String } ?? []
        return all.sorted()
    }

    static func isFolder(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && isFolder.boolValue
    }

    static func text(_ path: String) throws -> String {
        do {
            return try String(contentsOfFile: path, encoding: .utf8)
        } catch {
            throw StorefrontError("cannot read \(path)")
        }
    }
}
