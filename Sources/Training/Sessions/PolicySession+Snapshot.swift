import ModelFiles

extension PolicySession {
    /// Publishes the weights as they are, adapters merged, as a model folder that another process
    /// maps: written beside and renamed, but not flushed to the disk.
    ///
    /// - Parameter destination: the folder; an existing one is replaced.
    /// - Throws: `diskFull` or another failure to write, which leaves `destination` as it was.
    public func publishSnapshot(to destination: String) throws {
        try AtomicDirectory.publish(at: destination, replacing: true, isDurable: false) { staging in
            try folder.writer(weights: weights, adapters: adapters).writeHuggingFace(
                folder: staging,
                calls: .unflushed
            )
        }
    }
}
