import Foundation
import ServerTestSupport
import TestSupport

/// Replaces a program by a script; returns an environment in which the script is found before the real one.
///
/// Another process writes the file: a process that another test's thread starts at the same moment would inherit it
/// open for writing, and a file open for writing cannot be executed ("Text file busy").
@discardableResult
func makeProgram(_ name: String, _ script: String, in folder: TemporaryFolder) throws -> [String: String] {
    try FileManager.default.createDirectory(atPath: folder("bin"), withIntermediateDirectories: true)
    try write("#!/bin/sh\n\(script)\n", to: folder("\(name).sh"))
    let install = try ChildProcess("install", ["-m", "755", folder("\(name).sh"), folder("bin/\(name)")])
    guard try install.wait() == 0 else { throw Failure("cannot make the program \(name)") }
    return ["PATH": folder("bin") + ":/usr/sbin:/usr/bin:/sbin:/bin"]
}
