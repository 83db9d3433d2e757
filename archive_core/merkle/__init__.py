"""
The mathematics of the ledger: trees, tiles, proofs, and their text forms.

Given the bytes of leaves, this room says what the root of their tree is, proves that a leaf is in it or that one tree
grew out of another, checks such proofs, and writes and reads the small texts in which a root travels.

Format, which any stranger's verifier can follow (RFC 6962 section 2.1, RFC 9162 section 2.1):

- leaf hash = SHA-256(0x00 || leaf bytes); node hash = SHA-256(0x01 || left || right); empty tree = SHA-256("")
- a tree of n > 1 leaves splits at the largest power of two below n
- a node (level, index) is the perfect subtree over the leaves index * 2**level up to (index + 1) * 2**level
- tile (level, index), 256 hashes wide, holds the nodes (8 * level, 256 * index) up to (8 * level, 256 * index + 255);
  only full tiles are ever stored, the hashes after the last full tile of each level are the *right edge*
- a checkpoint is the C2SP tlog-checkpoint text without extension lines; its signature is a C2SP signed note of
  Ed25519 (see ``note``)

Promises: pure functions of their arguments, standard published formats, each node hashed once on append, one request
for stored hashes per proof, nothing accepted that is not spelt canonically.

Must not know: SQL, files, clocks, what a record is, or where a private key lives.
"""
