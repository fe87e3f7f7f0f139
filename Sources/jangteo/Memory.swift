import CMalloc

/// How the C library keeps the process's memory.
enum Memory {
    /// Larger blocks are mapped by themselves, and so given back as soon as they are freed.
    private static let mappedFrom: Int32 = 1 << 20

    /// Holds on to nothing that was freed once. Left to itself the library raises its bound when the first of scrypt's 16 MiB
    /// is freed, and the next ones stay in whichever thread's arena they came from: some 16 MiB more with each thread.
    static func giveBackLargeBlocks() {
        // It answers 0 where it knows no such setting: then the memory only stays larger.
        _ = mallopt(M_MMAP_THRESHOLD, mappedFrom)
    }
}
