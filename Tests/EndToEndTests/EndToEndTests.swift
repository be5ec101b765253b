import Testing

/// Everything together: real processes, real files, a tiny real model.
///
/// One test after another: each has a honed and workers of its own, and the machine has few cores.
@Suite(.serialized) struct EndToEndTests {}
