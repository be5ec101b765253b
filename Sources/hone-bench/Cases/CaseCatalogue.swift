import Domain

/// Everything that is measured.
enum CaseCatalogue {
    /// One line each, in the order they are shown.
    static let all: [BenchmarkCase] = [
        .gemmPeak,
        .memoryBandwidth,
        .prefill512,
        .decode1,
        .decode1Bfloat16,
        .decode1Int8,
        .decode8,
        .decode32,
        .decode64,
        .sampleGroups,
        .sampleGroupsApart,
        .trainForwardBackward,
        .trainRagged,
        .trainPadded,
        .dpo,
        .dpoStored,
        .dpoApart,
        .dpoAllPositions,
        .dpoLoRA,
        .dpoLoRASecondModel,
        .grpo,
        .grpoApart,
        .onlineDPO,
        .onlineDPO128,
        .rewardModel,
        .publish,
        .checkpoint,
        .open,
        .daemonFirstToken,
    ]

    /// What fractions are of.
    static let denominators: [BenchmarkCase] = [.gemmPeak, .memoryBandwidth]
}
