import Glibc
import POSIX

/// A thread that can be joined. It blocks, so it is not a task of the concurrency runtime.
final class StoreThread: @unchecked Sendable {
    private var id = pthread_t()

    private final class Body {
        let run: @Sendable () -> Void
        init(_ run: @escaping @Sendable () -> Void) { self.run = run }
    }

    /// - Parameter name: used in the error if it cannot be started.
    init(name: String, _ run: @escaping @Sendable () -> Void) throws {
        let body = Unmanaged.passRetained(Body(run))
        let code = pthread_create(
            &id, nil,
            { argument in
                guard let argument else { return nil }
                Unmanaged<Body>.fromOpaque(argument).takeRetainedValue().run()
                return nil
            }, body.toOpaque())
        guard code == 0 else {
            body.release()
            throw SystemError("cannot start the thread \(name)", code: code)
        }
    }

    func join() { pthread_join(id, nil) }
}
