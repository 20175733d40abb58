"""
Fields that even who copies the database cannot read: AES-256-GCM, under keys that lie outside it.

    keyring    the keys, and the text that they are kept as     keeping   where that text is kept
    sealing    one value, bound to its place                    blind     finding a value without reading it
    columns    which columns hold sealed values                 rotating  all of them under the newest key
    clearing   what stands in the clear from before its column was sealed
"""
