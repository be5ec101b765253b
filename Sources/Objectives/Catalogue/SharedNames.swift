/// Abbreviations that more than one paper uses, and what to write instead; `docs/objectives/names.md`
/// has the same for people.
enum SharedNames {
    /// What is meant by an abbreviation that names no single method; `nil` for any other name.
    static func meaning(of name: String) -> String? { meanings[name] }

    /// Every such abbreviation.
    static var all: [String] { meanings.keys.sorted() }

    private static let meanings: [String: String] = [
        "apo":
            "write \"apo_zero\" or \"apo_down\" for anchored preference optimisation; accelerated "
            + "preference optimisation and the alpha-divergence APO are not built",
        "hypo":
            "write \"hybrid_po\" for hybrid preference optimisation (arXiv 2406.01462), or "
            + "\"hybrid_dpo\" for Hybrid-DPO (arXiv 2602.11902)",
        "spo":
            "write \"self_play_win_rate\" as the advantage for self-play preference optimisation; "
            + "the self-supervised preference degree is not built",
        "tpo":
            "write \"triple_po\" for triple preference optimisation; tree preference optimisation "
            + "is not built",
    ]
}
