"""Questions that are answered without a model.

When every content word of a question is covered by what people wrote down, the SQL is composed from it. When one
word is left over, nothing is guessed. The way of a question: `words` cuts it, `matchers` (small and pure, one kind of
phrase each) offer pieces, `parse` lays pieces over all words, `fill` makes slots of them, `compose` makes SQL of slots.
"""
