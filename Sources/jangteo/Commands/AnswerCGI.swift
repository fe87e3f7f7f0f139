import ArgumentParser
import FastCGI

struct AnswerCGI: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cgi", abstract: "Answers one CGI/1.1 request, from the environment and standard input.",
        discussion:
            "For hosting that has nothing else; put it into a script of two lines, since CGI passes no arguments.")

    @OptionGroup var options: DataOptions

    func run() throws {
        let logger = try options.settings().logger()
        let application = try Application(options.settings(), logger: logger)
        try CGI.respond(application.responder)
        try application.shop.flush()
        application.store.close()
    }
}
