public import HTTP

extension HTTPClient {
    /// One that waits as long as it takes: a busy machine is no failure of what is tested.
    public static var patient: HTTPClient {
        var configuration = Configuration()
        configuration.timeout = .seconds(900)
        return HTTPClient(configuration: configuration)
    }
}
