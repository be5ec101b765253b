/// The recipes, as the index of `docs/recipes` has them; the files beside this one are written from
/// its pages.
public enum RecipeCatalogue {
    /// Every recipe, in the order of the index.
    public static let all =
        preferencesAmongItsOwnCompletions + gamesAgainstItselfAndExploration + imitationOfTheBest
        + policyGradients + policyGradientsWithinGroups
}
