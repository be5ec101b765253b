/// Whom the policy's completions are compared with: further completions of every prompt, drawn from
/// the normalised geometric mixture policy^(1−mixture) · reference^mixture.
///
/// Nash-MD (Munos et al. 2023, arXiv 2312.00886) compares with the mixture, XPO (Xie et al. 2024,
/// arXiv 2405.21046) with the reference.
public struct OpponentSpec: Sendable, Hashable, Codable {
    /// The reference's share: 0 is the policy, 1 the reference.
    public var mixture: Double
    /// Completions of every prompt.
    public var count: Int

    /// An opponent that draws one completion of every prompt unless told otherwise.
    public init(mixture: Double, count: Int = 1) {
        self.mixture = mixture
        self.count = count
    }
}
