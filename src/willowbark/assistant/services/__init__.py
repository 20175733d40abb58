"""What the assistant writes: questions to a language model, and what somebody took of its answers."""
