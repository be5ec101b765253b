/// The order of the rows of a Llama's query and key matrices.
///
/// Hugging Face rotates channel `i` of a head with channel `i + size/2`; llama.cpp's `llama` rotates
/// neighbours, so its converter (`LlamaModel.permute`) interleaves the halves of each head:
/// `weights.reshape(heads, 2, size/2, in).swapaxes(1, 2)`.
public enum RotaryRowOrder {
    /// Where GGUF keeps the row that is `row` in Hugging Face's order.
    ///
    /// The row is from 0 to `headCount * headSize - 1`, the head size even.
    public static func ggufRow(huggingFace row: Int, headCount: Int, headSize: Int) -> Int {
        precondition(row >= 0 && row < headCount * headSize && headSize.isMultiple(of: 2))
        let (head, channel) = row.quotientAndRemainder(dividingBy: headSize)
        let (half, position) = channel.quotientAndRemainder(dividingBy: headSize / 2)
        return head * headSize + position * 2 + half
    }

    /// Which row of Hugging Face's order GGUF keeps at `row`; the inverse of `ggufRow`.
    public static func huggingFaceRow(gguf row: Int, headCount: Int, headSize: Int) -> Int {
        precondition(row >= 0 && row < headCount * headSize && headSize.isMultiple(of: 2))
        let (head, channel) = row.quotientAndRemainder(dividingBy: headSize)
        let (position, half) = channel.quotientAndRemainder(dividingBy: 2)
        return head * headSize + half * (headSize / 2) + position
    }
}
