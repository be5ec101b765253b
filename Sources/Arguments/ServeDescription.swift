extension CommandDescription {
    /// `honed`, and `hone serve`, which `hone` hands on to it.
    public static func serve(_ name: String) -> CommandDescription {
        CommandDescription(
            name,
            "Serves Hone's HTTP API: to this machine, and with tokens to others.",
            options: [
                .value("config", "FILE", "A JSON file of these and more; see docs/operations.md."),
                .value("host", "HOST", "The address to listen at, default 127.0.0.1."),
                .value("port", "PORT", "The port, default 8420; 0 takes any free one."), .data,
                .remoteHosts, .allowPython, .allowPythonNetwork,
                .value(
                    "serve-reward",
                    "R",
                    "Reward for other trainers: JSON, a file of it, or a name."
                ),
                .value("check-config", "FILE", "Only say what is wrong with a configuration file."),
            ],
            example: "\(name) --port 8420 --data ~/hone-data"
        )
    }
}
