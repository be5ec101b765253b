import HTTP

extension EndpointTable {
    /// A page for people: runs, samples, labelling.
    static let page: [Endpoint] = PageFile.all.map { file in
        Endpoint(
            .get,
            file.path,
            file.path == "/"
                ? "A page for people: runs, samples, labelling." : "A part of the page.",
            needs: .open,
            reply: .content(String(file.type.prefix { $0 != ";" })),
            stateVersion: { _ in 0 }
        ) { _ in file.response }
    }
}
