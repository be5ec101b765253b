// Options that several commands share.
extension OptionDescription {
    /// `--json`.
    public static let json = OptionDescription.flag("json", "Write JSON.")
    /// `--data`.
    public static let data = OptionDescription.value(
        "data",
        "DIR",
        "The data folder, default ~/.local/share/hone."
    )
    /// `--remote-hosts`.
    public static let remoteHosts = OptionDescription.value(
        "remote-hosts",
        "LIST",
        "Hosts that remote rewards may ask beside this machine, by commas."
    )
    /// `--allow-python-graders`.
    public static let allowPython = OptionDescription.flag(
        "allow-python-graders",
        "Run graders in Python, in confined processes."
    )
    /// `--allow-python-network`.
    public static let allowPythonNetwork = OptionDescription.flag(
        "allow-python-network",
        "Run them even where the system cannot keep them from the network."
    )
}
