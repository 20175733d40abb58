"""
Backups of the whole practice: one encrypted file each, consistent while people work, restored and compared.

    taking      writes one           restoring   reads one back, to check it or to go on from it
    sealed      the encrypted file   contents    what is inside       keys   who can read it
    keeping       the files in a folder, how many are kept, and when the last one was made
"""
