import Glibc
import POSIX
import Testing

struct SystemErrorTests {
    @Test func `it says what failed, and the system's reason`() {
        let error = SystemError("cannot start the thread writer", code: EAGAIN)
        #expect(error.description == "cannot start the thread writer: Resource temporarily unavailable")
    }

    @Test func `the reason is that of the call that has just failed`() {
        #expect(unlink("/proc/version/none") == -1)
        let error = SystemError("unlink")
        #expect(error == SystemError("unlink", code: ENOTDIR))
        #expect(SystemError.words(ENOTDIR) == "Not a directory")
    }
}
