import Glibc
import Testing

@testable import HTTP

@Test func `a server leaves descriptors to the rest of its process`() {
    let limit = sysconf(Int32(_SC_OPEN_MAX))
    #expect(DescriptorLimit.connections(upTo: 1) == 1)
    let most = DescriptorLimit.connections(upTo: .max)
    #expect(most >= limit / 2 || most > 4096)
    #expect(most < limit)
}
