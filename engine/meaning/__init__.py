"""What words mean, as numbers: a table of word vectors that is shipped as data. See README.md."""
