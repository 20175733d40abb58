"""
The only place that knows a library for language models; nothing else imports it, and nothing at start-up.

`answers` says what an answer looks like, `asking` gets one.
"""
