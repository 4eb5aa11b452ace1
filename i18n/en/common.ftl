# Words that several surfaces share.

product = Onehall
language = Language
link-missing = This link is not complete. Ask whoever sent it for a new one.
