import CMalloc

/// How the C library manages the process's memory.
enum Memory {
    /// Larger blocks are mapped separately, and so returned as soon as they are freed.
    private static let mappedFrom: Int32 = 1 << 20

    /// Keeps no freed large block. By default the library raises its threshold when the first of scrypt's 16 MiB blocks
    /// is freed, and later ones stay in the arena of whichever thread used them: some 16 MiB more per thread.
    static func giveBackLargeBlocks() {
        // Returns 0 if the setting is not supported: then the process only uses more memory.
        _ = mallopt(M_MMAP_THRESHOLD, mappedFrom)
    }
}
