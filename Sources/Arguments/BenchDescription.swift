extension CommandDescription {
    /// `hone bench`, which `hone` hands on to `hone-bench`.
    public static let bench = CommandDescription(
        "hone bench",
        "Measures what a model costs on this machine; run it while nothing else runs.",
        operands: [OperandDescription("MODEL", isRequired: false)],
        options: [
            .value("cases", "A,B,…", "Only these; --list shows all."),
            .value("repetitions", "N", "Measured runs of each case, default 5; medians are shown."),
            .value("threads", "N", "Threads of every operation, default all cores."),
            .data, .json,
            .flag("list", "Show the cases and what each one does."),
            .flag("in-process", "Measure here, without a process of its own for each case."),
        ],
        example: "hone bench smol --cases decode-1,dpo --repetitions 3"
    )
}
