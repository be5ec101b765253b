#!/usr/bin/env python3
"""Writes Tests/RewardsTests/Fixtures/text_similarity.jsonl: likenesses by the published implementations.

    pip install rouge-score==0.1.2 sacrebleu==2.6.0 nltk==3.10.4 rapidfuzz==3.14.6
    scripts/goldens/make_text_similarity_goldens.py

rouge_N, rouge_l: rouge_score.rouge_scorer (F measure, no stemmer). bleu: sacrebleu.sentence_bleu / 100. gleu:
nltk.translate.gleu_score on sacrebleu's 13a tokens. meteor: nltk's with exact matches alone (a stemmer that
does nothing, a WordNet that knows nothing) on lower-cased 13a tokens. fuzzy_match: rapidfuzz.fuzz.ratio / 100.
cosine: of word counts, on rouge_score's tokens.
"""

import json
import math
import pathlib
from collections import Counter

from nltk.translate.gleu_score import sentence_gleu
from nltk.translate.meteor_score import meteor_score
from rapidfuzz import fuzz
from rouge_score import rouge_scorer
from rouge_score.tokenize import tokenize as rouge_words
from sacrebleu import sentence_bleu
from sacrebleu.tokenizers.tokenizer_13a import Tokenizer13a

CASES = [
    ("the cat sat on the mat", "the cat is on the mat"),
    ("The quick brown fox jumps over the lazy dog.", "A quick brown fox jumped over the lazy dog!"),
    ("It costs 1,234.50 dollars (about 1-2 % more).", "It costs 1,234.50 dollars, about 2% more."),
    ("I don't know; maybe & perhaps.", "I do not know: perhaps, maybe."),
    ("one two three", "three two one"),
    ("the the the the the the the", "the cat is on the mat"),
    ("Paris", "paris"),
    ("Hello world", "Hello there world, how are you doing today my friend?"),
    ("a b c d e f g h", "a b c d x f g h"),
    ("Line one\nline two-\nthree", "Line one line twothree"),
    ("naïve café déjà vu", "naive cafe deja vu"),
    ("yes", "no"),
    ("the answer is 42 because 6 times 7 is 42", "6 times 7 is 42 , so the answer is 42"),
    ("x.y 3.14 .5 5. a-b 4-b", "x . y 3.14 0.5 5 a-b 4 - b"),
]


class NoStems:
    def stem(self, word):
        return word


class NoWords:
    def synsets(self, word):
        return []


def cosine(text, reference):
    left, right = Counter(text), Counter(reference)
    dot = sum(left[word] * right[word] for word in left)
    length = math.sqrt(sum(n * n for n in left.values())) * math.sqrt(sum(n * n for n in right.values()))
    return dot / length if length else 0.0


def main():
    marked = Tokenizer13a()
    kinds = ["rouge%d" % n for n in range(1, 6)] + ["rougeL"]
    scorer = rouge_scorer.RougeScorer(kinds, use_stemmer=False)
    target = pathlib.Path(__file__).resolve().parents[2] / "Tests/RewardsTests/Fixtures/text_similarity.jsonl"
    with open(target, "w") as file:
        for text, reference in CASES:
            rouge = scorer.score(reference, text)
            words, wanted = marked(text).split(), marked(reference).split()
            lower, lower_wanted = marked(text.lower()).split(), marked(reference.lower()).split()
            expected = {"rouge_%d" % n: rouge["rouge%d" % n].fmeasure for n in range(1, 6)}
            expected |= {
                "rouge_l": rouge["rougeL"].fmeasure,
                "bleu": sentence_bleu(text, [reference]).score / 100,
                "gleu": sentence_gleu([wanted], words),
                "meteor": meteor_score([lower_wanted], lower, stemmer=NoStems(), wordnet=NoWords()),
                "fuzzy_match": fuzz.ratio(text, reference) / 100,
                "cosine": cosine(rouge_words(text, None), rouge_words(reference, None)),
            }
            line = {"text": text, "reference": reference, "expected": expected}
            file.write(json.dumps(line, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
